"""Bodies are read as the original reads them: same verdicts, same words."""

from typing import Any

import pytest

from gameday.faultproxy.errors import BadRequestBodyError
from gameday.faultproxy.fields import FLOAT32, shortest
from gameday.faultproxy.gojson import Number, parse

BAD: list[tuple[bytes, str]] = [
    (b"", "EOF"),
    (b" \n", "EOF"),
    (b"{", "unexpected EOF"),
    (b'{"a":"b\\', "unexpected EOF"),
    (b"-", "unexpected EOF"),
    (b"nul", "unexpected EOF"),
    (b"nulx", "invalid character 'x' in literal null (expecting 'l')"),
    (b"{name", "invalid character 'n' looking for beginning of object key string"),
    (b"{'", "invalid character '\\'' looking for beginning of object key string"),
    (b'{"a":1,}', "invalid character '}' looking for beginning of object key string"),
    (b'{"a" 1}', "invalid character '1' after object key"),
    (b'{"a":1 "b"}', "invalid character '\"' after object key:value pair"),
    (b"[1 2]", "invalid character '2' after array element"),
    (b"[1,]", "invalid character ']' looking for beginning of value"),
    (b"[NaN]", "invalid character 'N' looking for beginning of value"),
    (b"[-I]", "invalid character 'I' in numeric literal"),
    (b"1.x", "invalid character 'x' after decimal point in numeric literal"),
    (b"[1e+]", "invalid character ']' in exponent of numeric literal"),
    (b"[01]", "invalid character '1' after array element"),
    (b'"\\x"', "invalid character 'x' in string escape code"),
    (b'"\\u12x"', "invalid character 'x' in \\u hexadecimal character escape"),
    (b'"\n"', "invalid character '\\n' in string literal"),
    (b'"\x01"', "invalid character '\\x01' in string literal"),
    (b"\xff", "invalid character 'ÿ' looking for beginning of value"),
    (b"\\", "invalid character '\\\\' looking for beginning of value"),
    (b"[" * 10_001, "invalid character '[' exceeded max depth"),
    (b"[" * 9_000, "unexpected EOF"),
]


@pytest.mark.parametrize(("body", "words"), BAD, ids=lambda value: repr(value)[:40])
def test_what_is_no_json_is_refused_in_gos_words(body: bytes, words: str) -> None:
    with pytest.raises(BadRequestBodyError) as caught:
        parse(body)
    assert caught.value.message == f"bad request body: {words}"


@pytest.mark.parametrize(
    ("body", "value"),
    [
        (b"null nonsense", None),
        (b'{"a":1}}', ((("a", "1"),))),
        (b'{"a":1,"a":2}', (("a", "1"), ("a", "2"))),
        (b"[1e3,-0,1.50]", ["1e3", "-0", "1.50"]),
        (b'["\xff"]', ["\ufffd"]),
    ],
)
def test_only_the_first_value_counts_and_nothing_in_it_is_lost(body: bytes, value: Any) -> None:
    expected = (value,) if isinstance(value, tuple) and isinstance(value[0], str) else value
    assert parse(body) == expected


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("1", "1"),
        ("0.3", "0.3"),
        ("0.123456789", "0.12345679"),
        ("1e-50", "0"),
        ("1e20", "100000000000000000000"),
        ("123456789012345678901234", "1.2345679e+23"),
    ],
)
def test_single_precision_numbers_are_shown_with_the_fewest_digits(
    written: str, shown: str
) -> None:
    assert repr(shortest(FLOAT32.read(Number(written)))) == shown
