"""The dialogue of ``scanforpay_setup --live``: a real account's credentials, and what else a real payment needs."""

import getpass
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from django.core.checks import run_checks
from django.core.management.base import CommandError
from django.urls import NoReverseMatch
from django.views.decorators.debug import sensitive_variables

from scanforpay_django.conf import CHECK_TAG, PRODUCTION, conf
from scanforpay_django.management.go_live_text import write_go_live
from scanforpay_django.models import Store, WalletAccount
from scanforpay_django.operations.set_up.go_live import read_list
from scanforpay_django.operations.set_up.live_account import (
    CredentialsInvalid,
    LiveAccount,
    find_live_account,
    read_stored_secrets,
    store_live_account,
)
from scanforpay_django.wallets.base import Credential
from scanforpay_django.wallets.registry import wallet_classes

#: a private key in PEM is under 4 KB, a chain of certificates under 16
MAX_FILE_BYTES = 65536


class LiveSetup:
    """Asks for what is missing, stores it, tries it, and says what is left to do."""

    def __init__(self, store: Store, write: Callable[[str], object], *, asks: bool) -> None:
        self._store = store
        self._write = write
        self._asks = asks

    @sensitive_variables()
    def run(self, wallet: str, given: Sequence[str]) -> None:
        """``given``: NAME=VALUE or NAME=@FILE. Raises CommandError."""
        wallet = wallet or self._ask_wallet()
        if wallet not in wallet_classes():
            raise CommandError(f"--wallet takes {', '.join(wallet_classes())}.")
        credentials = wallet_classes()[wallet].credentials
        values = self._read_given(credentials, given)
        known = find_live_account(self._store, wallet)
        if self._asks:
            values = self._ask_rest(credentials, values, known)
        config = {one.name: values[one.name] for one in credentials if one.name in values and not one.secret}
        secrets = {one.name: values[one.name] for one in credentials if values.get(one.name) and one.secret}
        try:
            made = store_live_account(self._store, wallet, config, secrets)
        except CredentialsInvalid as error:
            lines = [f"  {name}: {text}" for name, text in error.faults.items()]
            raise CommandError("\n".join(["Nothing was stored:", *lines])) from error
        self._tell(made)

    def _ask_wallet(self) -> str:
        names = ", ".join(wallet_classes())
        if not self._asks:
            raise CommandError(f"Give --wallet: {names}.")
        return self._ask(f"Wallet ({names})")

    def _read_given(self, credentials: Sequence[Credential], given: Sequence[str]) -> dict[str, str]:
        known = {one.name: one for one in credentials}
        values = {}
        for one in given:
            name, equals, value = one.partition("=")
            if not equals or name not in known:
                raise CommandError(f"--set takes NAME=VALUE or NAME=@FILE with a name of {', '.join(known)}.")
            if known[name].secret and not value.startswith("@"):
                raise CommandError(
                    f"{name} is secret, and a command line is kept by the shell: give it as {name}=@FILE, or type it "
                    "when it is asked for."
                )
            values[name] = _read_file(name, value[1:]) if value.startswith("@") else value
        return values

    def _ask_rest(
        self, credentials: Sequence[Credential], values: Mapping[str, str], known: WalletAccount | None
    ) -> dict[str, str]:
        stored: dict[str, Any] = dict.fromkeys(read_stored_secrets(known), "***")
        stored |= known.config if known else {}
        answers = dict(values)
        self._write("Enter keeps what is in brackets; what is optional may stay empty.\n")
        for one in credentials:
            if one.name in answers:
                continue
            words = f"{one.label}{'' if one.required else ' (optional)'}"
            if one.help:
                words += f" - {one.help}"
            if one.multiline:
                words += "; the path of its file"
            if kept := _shown(one, stored):
                words += f" [{kept}]"
            if answer := self._ask(words, is_hidden=one.secret and not one.multiline):
                answers[one.name] = _read_file(one.name, answer) if one.multiline else answer
        return answers

    def _ask(self, words: str, *, is_hidden: bool = False) -> str:
        prompt = f"{words}: "
        if is_hidden and sys.stdin.isatty():
            return getpass.getpass(prompt).strip()
        self._write(prompt)
        answer = sys.stdin.readline()
        if not answer:
            raise CommandError("The input ended. Give what is missing with --set, or answer in a terminal.")
        return answer.strip()

    def _tell(self, made: LiveAccount) -> None:
        account = made.account
        self._write(f"\n{made.verdict}\n")
        if not made.works:
            kept = (
                "The account that is in use stays as it was"
                if account.is_active
                else "It is stored, switched off"
            )
            raise CommandError(f"{kept}. Correct it and run this again: what is right may be left out.")
        self._write(f"Account    {account} is on, in {PRODUCTION}, for {account.currencies}\n")
        for one in made.replaced:
            self._write(f"           {one} is off\n")
        self._tell_go_live(account)
        self._tell_missing()

    def _tell_go_live(self, account: WalletAccount) -> None:
        try:
            found = read_list(account)
        except NoReverseMatch:
            # The text about the URLconf says what to do.
            return
        write_go_live(found, self._write)

    def _tell_missing(self) -> None:
        found = run_checks(tags=[CHECK_TAG, "security"], include_deployment_checks=True)
        for one in found:
            if (one.id or "").startswith("scanforpay."):
                self._write(f"\n{one.id}: {one.msg}\n" + (f"    {one.hint}\n" if one.hint else ""))
        if conf.debug:
            self._write("\nDEBUG is on: switch it off before customers pay.\n")
        self._write(
            "\nRun `manage.py scanforpay_worker` beside the web processes; `manage.py scanforpay_setup --check` looks "
            "at all this again, and admin (Set-up) has the list too, with a real payment to scan.\n"
        )


def _shown(credential: Credential, stored: Mapping[str, Any]) -> str:
    """What is stored, of a key only that it is."""
    value = str(stored.get(credential.name, ""))
    return "stored" if value and (credential.secret or credential.multiline) else value


def _read_file(credential: str, given: str) -> str:
    """The file's text. What was given is not repeated: it may be the key itself, pasted in its path's place."""
    path = Path(given).expanduser()
    try:
        if path.stat().st_size > MAX_FILE_BYTES:
            raise CommandError(f"{credential}: the file is too large for a key or a certificate.")
        return path.read_text(encoding="utf-8").strip()
    except (OSError, ValueError) as error:
        why = error.strerror if isinstance(error, OSError) else "it is no text in UTF-8, or its name no path"
        raise CommandError(
            f"{credential}: the file cannot be read ({why}). Give the path of its file."
        ) from None
