# SPDX-License-Identifier: MIT
"""Validates values against the part of JSON Schema (2020-12) that docs/schema uses.

Stricter than the standard in two ways: a keyword that is not understood is an error, and so is a
property that the schema does not name, since our own outputs must be described to the last key.
"""

import json
import os
import re

FOLDER = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "docs", "schema")

NOTES = {"$schema", "$defs", "title", "description"}

TYPES = {
    "object": lambda value: isinstance(value, dict),
    "array": lambda value: isinstance(value, list),
    "string": lambda value: isinstance(value, str),
    "boolean": lambda value: isinstance(value, bool),
    "null": lambda value: value is None,
    "integer": lambda value: isinstance(value, int) and not isinstance(value, bool),
    "number": lambda value: isinstance(value, (int, float)) and not isinstance(value, bool),
}


class Invalid(Exception):
    pass


class Schema:
    def __init__(self, name):
        with open(os.path.join(FOLDER, name), encoding="utf-8") as file:
            self.root = json.load(file)

    def check(self, value):
        """Raises Invalid with the place of what is wrong."""
        self.apply(self.root, value, "$")

    def resolve(self, reference):
        assert reference.startswith("#/$defs/"), reference
        return self.root["$defs"][reference[len("#/$defs/"):]]

    def apply(self, schema, value, where):
        for keyword, argument in schema.items():
            if keyword in NOTES or keyword == "required":  # used by on_properties
                continue
            method = getattr(self, "on_" + keyword.lstrip("$"), None)
            if method is None:
                raise ValueError(f"{where}: the schema uses {keyword}, which is not understood")
            method(argument, value, where, schema)

    def on_ref(self, reference, value, where, _):
        self.apply(self.resolve(reference), value, where)

    def on_type(self, name, value, where, _):
        if not TYPES[name](value):
            raise Invalid(f"{where}: {value!r} is no {name}")

    def on_const(self, wanted, value, where, _):
        if value != wanted:
            raise Invalid(f"{where}: {value!r} is not {wanted!r}")

    def on_enum(self, allowed, value, where, _):
        if value not in allowed:
            raise Invalid(f"{where}: {value!r} is none of {allowed}")

    def on_pattern(self, pattern, value, where, _):
        if not re.search(pattern, value):
            raise Invalid(f"{where}: {value!r} does not match {pattern}")

    def on_minimum(self, least, value, where, _):
        if value < least:
            raise Invalid(f"{where}: {value} is below {least}")

    def on_maximum(self, most, value, where, _):
        if value > most:
            raise Invalid(f"{where}: {value} is above {most}")

    def on_items(self, schema, value, where, _):
        for index, item in enumerate(value):
            self.apply(schema, item, f"{where}[{index}]")

    def on_properties(self, properties, value, where, schema):
        for key in schema.get("required", []):
            if key not in value:
                raise Invalid(f"{where}: {key} is missing")
        for key, inner in value.items():
            if key not in properties:
                raise Invalid(f"{where}: the schema does not name {key}")
            self.apply(properties[key], inner, f"{where}.{key}")

    def on_additionalProperties(self, schema, value, where, parent):
        assert "properties" not in parent, where
        for key, inner in value.items():
            self.apply(schema, inner, f"{where}.{key}")

    def failures(self, schemas, value, where):
        messages = []
        for schema in schemas:
            try:
                self.apply(schema, value, where)
            except Invalid as error:
                messages.append(str(error))
        return messages

    def on_anyOf(self, schemas, value, where, _):
        messages = self.failures(schemas, value, where)
        if len(messages) == len(schemas):
            raise Invalid("; ".join(messages))

    def on_oneOf(self, schemas, value, where, _):
        messages = self.failures(schemas, value, where)
        if len(messages) != len(schemas) - 1:
            raise Invalid("; ".join(messages) or f"{where}: more than one alternative fits")
