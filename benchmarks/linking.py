"""Link what is new into the chain once a second, until the process is ended: ``benchmarks.settling`` starts it."""

import time

import django


def main() -> None:
    """Says when all that was there is linked."""
    django.setup()
    from scanforpay_django.operations.chain.follow import ChainFollower

    follow = ChainFollower()
    while follow():
        continue
    print("linked", flush=True)
    while True:
        while follow():
            continue
        time.sleep(1)


if __name__ == "__main__":
    main()
