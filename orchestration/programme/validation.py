"""Turns pydantic's errors into problems with a line and a remedy."""

import re
from collections.abc import Iterator
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails, PydanticCustomError

from orchestration.programme.documents import Document, Location
from orchestration.programme.problems import Problem, enumerate_names, suggest

Model = TypeVar("Model", bound=BaseModel)


def refuse(message: str, remedy: str) -> PydanticCustomError:
    """An error for a validator to raise; both are sentences without their full stop."""
    return PydanticCustomError("refused", "{message}", {"message": message, "remedy": remedy})


def validate(
    model: type[Model], data: Any, document: Document, location: Location, context: Any
) -> tuple[Model | None, list[Problem]]:
    """The model, or None and one problem for each error; `location` is where `data` is in the document."""
    if not isinstance(data, dict):
        name = _format_location(location) or document.file
        message = f"{name} must be a list of `name: value`, not {_describe_value(data)}"
        remedy = f"The names are {enumerate_names(_list_names(model))}"
        return None, [document.describe_problem(location, message, remedy)]
    try:
        return model.model_validate(data, context=context), []
    except ValidationError as error:
        return None, list(_translate_errors(error, model, document, location))


def _translate_errors(
    error: ValidationError, model: type[BaseModel], document: Document, location: Location
) -> Iterator[Problem]:
    for detail in error.errors(include_url=False):
        inside = tuple(part for part in detail["loc"] if part != "[key]")
        yield document.describe_problem((*location, *inside), *_explain_error(detail, model, inside))


def _explain_error(detail: ErrorDetails, model: type[BaseModel], inside: Location) -> tuple[str, str]:
    """Message and remedy for one error."""
    name, value = _format_location(inside), detail["input"]
    match detail["type"]:
        case "refused":
            return detail["ctx"]["message"], detail["ctx"]["remedy"]
        case "extra_forbidden":
            known = _list_names(_find_model(model, inside[:-1]))
            remedy = f"{suggest(inside[-1], known)}The names here are {enumerate_names(known)}"
            return f"'{inside[-1]}' is not known here", remedy
        case "missing":
            return f"{name} is missing", f"Write `{inside[-1]}: ...`"
        case "list_type":
            return f"{name} must be a list, not {_describe_value(value)}", "Write one item per line, each after a `- `"
        case "model_type" | "dict_type" | "model_attributes_type":
            return (
                f"{name} must be a list of `name: value`, not {_describe_value(value)}",
                "Write `name: value` under it",
            )
        case "string_type":
            return f"{name} must be a text, not {_describe_value(value)}", f"Write `{inside[-1]}: some text`"
        case "literal_error":
            choices = detail["ctx"]["expected"]
            suggestion = suggest(value, re.findall("'(.*?)'", choices))
            return f"{name} is {_describe_value(value)}", f"{suggestion}Write {choices}"
        case "int_parsing" | "int_type" | "int_from_float":
            return f"{name} is {_describe_value(value)}, not a whole number", "Write digits only, such as 30"
        case "bool_parsing" | "bool_type":
            return f"{name} is {_describe_value(value)}", "Write true or false"
        case "greater_than_equal":
            return f"{name} is {value}", f"Write a whole number from {detail['ctx']['ge']}"
        case "less_than_equal":
            return f"{name} is {value}", f"Write a whole number up to {detail['ctx']['le']}"
        case _:
            return f"{name}: {detail['msg']} ({_describe_value(value)})", "Correct the value"


def _list_names(model: type[BaseModel]) -> list[str]:
    """The names of its fields as they are written."""
    return [field.alias or name for name, field in model.model_fields.items()]


def _find_model(model: type[BaseModel], location: Location) -> type[BaseModel]:
    """The model of the part at a location below `model`."""
    for part in location:
        if isinstance(part, int):
            continue
        for candidate in _flatten_annotation(model.model_fields[part].annotation):
            if isinstance(candidate, type) and issubclass(candidate, BaseModel):
                model = candidate
    return model


def _flatten_annotation(annotation: Any) -> Iterator[Any]:
    yield annotation
    for argument in getattr(annotation, "__args__", ()):
        yield from _flatten_annotation(argument)


def _format_location(location: Location) -> str:
    """`objectives[2].goals[1].target`, counted from 1."""
    name = ""
    for part in location:
        name += f"[{part + 1}]" if isinstance(part, int) else f".{part}"
    return name.removeprefix(".")


def _describe_value(value: Any) -> str:
    if value is None:
        return "empty"
    if isinstance(value, str):
        return f"'{value}'"
    return "a list" if isinstance(value, list) else "a group of names"
