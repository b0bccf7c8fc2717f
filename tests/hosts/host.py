"""What makes a project: one row of the table."""

from dataclasses import dataclass, field


@dataclass(frozen=True, kw_only=True)
class Environment:
    """A Python and a Django that several projects share."""

    python: str
    django: str

    @property
    def next_django(self) -> str:
        """The version below which Django is installed."""
        major, minor = self.django.split(".")
        return f"{major}.{int(minor) + 1}" if minor != "2" else f"{int(major) + 1}.0"


@dataclass(frozen=True, kw_only=True)
class Host:
    """A project. What is not said is as in Django's own project template, on SQLite under runserver."""

    name: str
    # what is special, for docs/hosts.md
    words: str
    environment: Environment
    # Python that is run at the end of settings.py, urls.py and the app's models.py
    settings: str = ""
    urls: str = ""
    models: str = ""
    # further modules of the project: name -> text
    files: dict[str, str] = field(default_factory=dict)
    # runserver, gunicorn, uvicorn or daphne
    server: str = "runserver"
    # the name of a function in tests.hosts.databases
    database: str = "sqlite"
    pays_as: str = "wechat"
    # the path of staff's pages, "" for a project without them
    admin: str = "/admin/"
    # before every path, as a customer sees it
    prefix: str = ""
    user_name: str = "boss"
    # for PYTHONWARNINGS
    warnings: str = ""
    # whether every run of the tests makes it, also one without EVERY_HOST=1
    is_quick: bool = False
    # commands besides migrate
    commands: tuple[str, ...] = ()
