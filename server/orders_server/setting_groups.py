"""Settings that come together: some of a group without the others is a fault."""

from collections.abc import Collection, Iterable

from pydantic_core import PydanticCustomError

from orders_server.setting_sources import PREFIX, RawSettings, variable

CREDENTIALS = ("access_key", "access_secret", "user_id")
_HOOK = ("hook_url", "hook_secret")


def refuse_half_groups(given: Collection[str], named: Collection[str]) -> None:
    """Refuse half of a group. `given` are the settings with a value, `named` those that the operator wrote.

    Raises:
        PydanticCustomError: naming what is missing.
    """
    credentials = [name for name in CREDENTIALS if name in given]
    if credentials and len(credentials) < len(CREDENTIALS):
        missing = _variables(name for name in CREDENTIALS if name not in given)
        raise PydanticCustomError("credentials", "some credentials are set and {missing} not", {"missing": missing})
    if not credentials and "base_url" in named:
        raise PydanticCustomError(
            "credentials",
            f"{PREFIX}BASE_URL is set without credentials: set {{names}} too",
            {"names": _variables(CREDENTIALS)},
        )
    hook = [name for name in _HOOK if name in given]
    if len(hook) == 1:
        missing = _variables(name for name in _HOOK if name not in given)
        raise PydanticCustomError(
            "hook", "{hook} is set without {missing}: set both", {"hook": variable(hook[0]), "missing": missing}
        )


def missing_credentials(given: RawSettings) -> list[str]:
    """A sentence about missing credentials, if others or an address of the API are set."""
    missing = [name for name in CREDENTIALS if name not in given.values and name not in given.unusable]
    if not missing or (len(missing) == len(CREDENTIALS) and "base_url" not in given.values):
        return []
    if len(missing) == len(CREDENTIALS):
        return [f"{PREFIX}BASE_URL is set without credentials: set {_variables(missing)} too"]
    return [f"some credentials are set and {_variables(missing)} not"]


def _variables(names: Iterable[str]) -> str:
    return ", ".join(map(variable, names))
