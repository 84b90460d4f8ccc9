"""What the tests of the API ask for."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask

from app.api.openapi import described


@pytest.fixture
def conforms(app: Flask) -> Callable[[Any, str], None]:
    """Check an answer against the shape the document declares: `conforms(answer.json, "Post")`."""
    from jsonschema import Draft202012Validator
    from jsonschema.validators import validator_for

    spec = described(app)
    assert validator_for({"$schema": "https://json-schema.org/draft/2020-12/schema"})

    def check(answer: Any, shape: str) -> None:
        schema = {"$ref": f"#/components/schemas/{shape}", "components": spec["components"]}
        Draft202012Validator(schema).validate(answer)
        declared = set(spec["components"]["schemas"][shape]["properties"])
        assert set(answer) == declared, "what is answered and what is declared differ"

    return check
