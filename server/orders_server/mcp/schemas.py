"""The JSON schemas that the tools publish, and the results that fit them."""

from functools import cache
from typing import Any, cast, get_args

from pydantic import BaseModel
from pydantic.json_schema import GenerateJsonSchema, JsonRef, JsonSchemaMode, JsonSchemaValue
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
    """Schemas without `anyOf`, because some connectors cannot read it. A value that can be null has a list of types.

    An object that can be missing has the schema of the object and is not required; `structured` omits it.
    Arguments keep `anyOf`, because some hosts refuse a list of types there.
    """

    def nullable_schema(self, schema: core_schema.NullableSchema) -> JsonSchemaValue:
        inner = self.generate_inner(schema["schema"])
        named = self.get_schema_from_definitions(JsonRef(inner["$ref"])) if "$ref" in inner else None
        whole = _unnamed(named) if named else inner
        if whole.get("type") == "object":
            return inner
        if not isinstance(whole.get("type"), str) or "const" in whole:
            return super().nullable_schema(schema)
        values = {"enum": [*whole["enum"], None]} if "enum" in whole else {}
        return {**whole, **values, "type": [whole["type"], "null"]}


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


def structured(result: BaseModel) -> dict[str, Any]:
    """`result` as JSON values that fit its output schema. A missing object is omitted, where the model has None."""
    content = result.model_dump(mode="json")
    _omit_missing_objects(content, result)
    return content


def _omit_missing_objects(content: dict[str, Any], model: BaseModel) -> None:
    for name, field in type(model).model_fields.items():
        value = getattr(model, name)
        if value is None and any(map(_is_object, get_args(field.annotation))):
            del content[name]
        elif isinstance(value, BaseModel):
            _omit_missing_objects(content[name], value)
        elif isinstance(value, list):
            for inner, each in zip(content[name], cast("list[Any]", value), strict=True):
                if isinstance(each, BaseModel):
                    _omit_missing_objects(inner, each)


def _is_object(annotation: Any) -> bool:
    return isinstance(annotation, type) and issubclass(annotation, BaseModel)
