"""The JSON schemas that the tools publish: as pydantic makes them, without what costs words and says nothing."""

from functools import cache
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaMode, JsonSchemaValue
from pydantic_core import core_schema


class Published(GenerateJsonSchema):
    """No titles, which only repeat names, no docstrings, which are not there under PYTHONOPTIMIZE=2, and no null as a
    default, which strict clients fill in and then refuse."""

    def field_title_should_be_set(self, schema: Any) -> bool:
        return False

    def model_schema(self, schema: core_schema.ModelSchema) -> JsonSchemaValue:
        return _unnamed(super().model_schema(schema))

    def generate(self, schema: Any, mode: JsonSchemaMode = "validation") -> JsonSchemaValue:
        made = super().generate(schema, mode)
        # pydantic names an enum after it was made, out of reach of a method of its own.
        made["$defs"] = {
            name: _unnamed(each) if "enum" in each else each for name, each in made.pop("$defs", {}).items()
        }
        return made if made["$defs"] else {name: value for name, value in made.items() if name != "$defs"}

    def default_schema(self, schema: core_schema.WithDefaultSchema) -> JsonSchemaValue:
        made = super().default_schema(schema)
        return {name: value for name, value in made.items() if name != "default" or value is not None}


class PublishedResult(Published):
    """A value that may be null is written as one type of two names, which is shorter than `anyOf`.

    Arguments keep `anyOf`, because some hosts refuse a list of types there.
    """

    def nullable_schema(self, schema: core_schema.NullableSchema) -> JsonSchemaValue:
        inner = self.generate_inner(schema["schema"])
        if isinstance(inner.get("type"), str) and not {"enum", "const"} & inner.keys():
            return {**inner, "type": [inner["type"], "null"]}
        return super().nullable_schema(schema)


def _unnamed(schema: JsonSchemaValue) -> JsonSchemaValue:
    return {name: value for name, value in schema.items() if name not in {"title", "description"}}


@cache
def arguments_schema(model: type[BaseModel]) -> dict[str, Any]:
    """The input schema of a tool with the arguments `model`."""
    return model.model_json_schema(schema_generator=Published)


@cache
def result_schema(model: type[BaseModel]) -> dict[str, Any]:
    """The output schema of a tool with the result `model`."""
    return model.model_json_schema(schema_generator=PublishedResult)
