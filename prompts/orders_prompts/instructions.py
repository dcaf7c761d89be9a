"""The instructions at the start of every connection: a fixed text, read without the renderer to answer at once."""

from pathlib import Path

_NAME = "instructions.j2"


def instructions(language: str, override: Path | None = None) -> str:
    """How the tools work together, for the model; from the folder `override` if it has a text of that name."""
    folders = [Path(__file__).parent / "texts" / language]
    if override is not None:
        folders = [override / language, override, *folders]
    path = next(folder / _NAME for folder in folders if (folder / _NAME).is_file())
    lines = path.read_text(encoding="utf-8").splitlines()
    return "\n".join(line for line in lines if not line.startswith("{#")).strip()
