"""One settings class: ``WANGGE_*`` in the environment, then ``wangge.toml`` in the data folder, then defaults."""

from __future__ import annotations

import ipaddress
import os
import re
import stat
import tomllib
from functools import lru_cache
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit
from zoneinfo import available_timezones

from pydantic import AfterValidator, BeforeValidator, Field, SecretStr, ValidationError
from pydantic_settings import (
    BaseSettings,
    NoDecode,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)

from core.errors import Unusable
from core.norms import GridNorms
from core.text import noop as _

CHECKOUT = Path(__file__).resolve().parent.parent
FILE_NAME = "wangge.toml"
INSTALLED_HOME = Path("/var/lib/wangge")
PRIVATE, PASSABLE = 0o700, 0o711
SECRET = re.compile("secret|password|token|key", re.IGNORECASE)
STARS = "**********"
HOST = re.compile(r"[a-z0-9_]([a-z0-9_-]*[a-z0-9])?(\.[a-z0-9_]([a-z0-9_-]*[a-z0-9])?)*", re.IGNORECASE)


def home_folder() -> Path:
    """The data folder: ``WANGGE_HOME``, else ``var/`` in a checkout; an installed package keeps none beside itself."""
    in_checkout = (CHECKOUT / "pyproject.toml").is_file()
    return Path(os.environ.get("WANGGE_HOME") or (CHECKOUT / "var" if in_checkout else INSTALLED_HOME)).absolute()


def make_folder(path: Path) -> None:
    """Make a private folder; those above it that are made, too, may be passed by others and not be listed.

    The database's own account passes through the data folder to its cluster.
    """
    if path.exists():
        return
    for parent in reversed(path.parents):
        if not parent.exists():
            parent.mkdir(exist_ok=True)
            parent.chmod(PASSABLE)
    path.mkdir(mode=PRIVATE, exist_ok=True)


def _zone(name: str) -> str:
    if name not in available_timezones():
        raise ValueError(f"{name} is no time zone; give one by its name, such as Asia/Shanghai")
    return name


def _site(address: str) -> str:
    parts = urlsplit(address)
    if address and (parts.scheme not in {"http", "https"} or not parts.hostname or parts.query or parts.fragment):
        raise ValueError(f"{address} is no address of a site; give one such as https://wangge.example")
    return address.rstrip("/")


def _split(written: object) -> object:
    """In the environment a list is written with commas."""
    return [part.strip() for part in written.split(",") if part.strip()] if isinstance(written, str) else written


def _reachable(entry: str) -> str:
    """A network or the name of a host, in small letters."""
    try:
        return str(ipaddress.ip_network(entry))
    except ValueError:
        if HOST.fullmatch(entry) and not entry.replace(".", "").isdigit():
            return entry.lower()
    raise ValueError(
        f"{entry} is neither a network such as 10.20.0.0/16 nor the name of a host such as hub.city.example"
    )


Reachable = Annotated[str, AfterValidator(_reachable)]


class Settings(BaseSettings):
    """What an operator may set. Names in the environment carry the prefix ``WANGGE_``."""

    model_config = SettingsConfigDict(env_prefix="WANGGE_", extra="forbid")

    home: Path = Field(default_factory=home_folder, description="Folder of all data: cluster, files, plugins, tiles.")
    database_url: SecretStr | None = Field(
        None,
        description="DSN of an outside server for the role `wangge_app`; unset: the private cluster. "
        "What such a server needs stands in `docs/architecture.md`.",
    )
    owner_url: SecretStr | None = Field(
        None,
        description="DSN of the tables' owner, for migrations, plugins' tables, clearing the demonstration and, "
        "without `backup_url`, backups; unset: as the private cluster, or `database_url`.",
    )
    backup_url: SecretStr | None = Field(
        None, description="DSN of a role that may read all tables, for backups; unset: the owner's."
    )
    read_url: SecretStr | None = Field(None, description="DSN of a replica for reads; unset: the same server.")
    secret_key: SecretStr | None = Field(
        None,
        description="Key that signs form tokens and of which the secrets of webhooks are made; unset: made once and "
        "kept in the data folder.",
    )
    timezone: Annotated[str, AfterValidator(_zone)] = Field(
        "Asia/Shanghai", description="Time zone in which times are shown and dates are meant."
    )
    language: Literal["zh", "en"] = Field("zh", description="Language shown before a person has chosen: zh or en.")
    safe_mode: bool = Field(False, description="Start without any plugin.")
    host: str = Field("127.0.0.1", description="Address that `up` and `serve` listen on.")
    workers: int = Field(
        default_factory=lambda: min(2 * (os.cpu_count() or 1), 8),
        ge=1,
        description="Web worker processes; each takes up to `threads` + 3 database connections, twice while renewing.",
    )
    threads: int = Field(8, ge=1, description="Threads of each web worker.")
    secure_cookies: bool = Field(
        False, description="Set when the site is served by TLS: cookies get `__Host-` and Secure."
    )
    trusted_proxies: int = Field(
        0, ge=0, description="Proxies in front whose X-Forwarded-* headers are believed; 0 believes none."
    )
    session_hours: int = Field(12, ge=1, description="Hours after which an idle session ends.")
    upload_mb: int = Field(200, ge=1, description="Largest upload, in megabytes.")
    import_memory_mb: int = Field(
        6000, ge=512, description="Memory limit of the process that reads foreign files, at most half of the machine's."
    )
    import_seconds: int = Field(600, ge=5, description="Time limit of the process that reads foreign files.")
    photo_megapixels: int = Field(50, ge=1, description="Largest photo accepted, in megapixels.")
    backup_hour: int = Field(2, ge=0, le=23, description="Hour of the nightly backup, in the instance's time zone.")
    backup_keep: int = Field(7, ge=1, description="Nightly backups kept.")
    statement_timeout_s: int = Field(60, ge=1, description="Longest database statement of a web request, in seconds.")

    site_url: Annotated[str, AfterValidator(_site)] = Field(
        "",
        description="Address at which people reach this instance, such as https://wangge.example; messages that leave "
        "it link there.",
    )
    smtp_host: str | None = Field(None, description="Mail server for notices; unset: no notice leaves by e-mail.")
    smtp_port: int = Field(587, ge=1, le=65535, description="Port of the mail server.")
    smtp_security: Literal["starttls", "tls", "none"] = Field(
        "starttls", description="How the line to the mail server is kept private: starttls, tls or none."
    )
    smtp_user: str | None = Field(None, description="Account at the mail server; unset: it asks for none.")
    smtp_password: SecretStr | None = Field(None, description="Password of that account.")
    smtp_from: str = Field("Wangge <wangge@localhost>", description="Sender of the notices.")
    sms_folder: Path | None = Field(
        None,
        description="Folder in which each SMS is put as a file for the city's gateway, which takes it out; unset: no "
        "notice leaves by SMS.",
    )
    webhook_allow: Annotated[list[Reachable], NoDecode, BeforeValidator(_split)] = Field(
        [],
        description="Networks and names of hosts inside the house that webhooks may call, such as 10.20.0.0/16 or "
        "hub.city.example; in the environment with commas between them. The open net they call without.",
    )

    grid_norms: GridNorms = Field(
        default_factory=GridNorms,
        description="Areas that plans hold grids to: a table `[grid_norms.<level>]` for each level below the city's, "
        "with `from_km2` and `to_km2`; what is unset, any area keeps. The settings page may say otherwise.",
    )
    plugins: dict[str, dict[str, Any]] = Field(
        default_factory=dict, description="Settings of plugins by name: a table `[plugins.<name>]` for each."
    )

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003 fixed by the base class
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003 fixed by the base class
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Environment before file before defaults."""
        return init_settings, env_settings, TomlConfigSettingsSource(settings_cls, home_folder() / FILE_NAME)

    def folder(self, name: str) -> Path:
        """A folder inside the data folder, made when absent; others of this machine may not look into it."""
        path = self.home / name
        make_folder(path)
        if path.stat().st_mode & stat.S_IRWXO:
            path.chmod(PRIVATE)
        return path


def public_values(settings: Settings) -> dict[str, Any]:
    """All settings as JSON values, secrets as stars; a plugin's by their names, for its types are not known here."""
    values = settings.model_dump(mode="json")
    for own in values["plugins"].values():
        own.update({name: STARS for name in own if SECRET.search(name)})
    return values


@lru_cache(maxsize=1)
def get_settings() -> Settings:
    """The settings of this process.

    :raises Unusable: naming each setting that is wrong or unknown, and what is wrong with it.
    """
    try:
        return Settings()
    except ValidationError as error:
        faults = "; ".join(
            f"{'.'.join(map(str, fault['loc']))}: {_fault(fault['type'], fault['msg'])}" for fault in error.errors()
        )
        raise Unusable(
            _("The settings are wrong: %(faults)s. They stand in %(file)s or as WANGGE_<NAME> in the environment"),
            faults=faults,
            file=str(home_folder() / FILE_NAME),
        ) from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, OSError) as error:
        raise Unusable(
            _("%(file)s cannot be read: %(fault)s"), file=str(home_folder() / FILE_NAME), fault=str(error)
        ) from None


def _fault(kind: str, said: str) -> str:
    return "there is no such setting" if kind == "extra_forbidden" else said
