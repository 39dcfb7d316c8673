"""Properties on the wire and in Python."""

import pytest
from google.protobuf import struct_pb2
from pulumi.runtime import rpc

from stacks.wire import UNKNOWN, Secret, decode, encode


def test_what_is_encoded_is_decoded_again():
    properties = {
        "none": None,
        "flag": True,
        "whole": 3,
        "part": 0.25,
        "text": "t",
        "list": [1, {"deep": Secret("x")}],
        "secret": Secret({"password": "p", "also": UNKNOWN}),
        "unknown": UNKNOWN,
    }
    assert decode(encode(properties)) == properties


def test_whole_numbers_come_back_as_integers():
    assert repr(decode(struct_pb2.Struct(fields={"a": struct_pb2.Value(number_value=1.0)}))) == "{'a': 1}"


def test_the_marks_are_those_of_pulumi():
    known = rpc.deserialize_properties(encode({"a": Secret("x")}))
    assert known == {"a": rpc.wrap_rpc_secret("x")}
    assert encode({"a": UNKNOWN})["a"] == rpc.UNKNOWN


def test_secrets_do_not_show():
    assert repr({"password": Secret("hunter2")}) == "{'password': Secret(…)}"


def test_what_is_no_property_is_refused():
    with pytest.raises(TypeError, match="cannot be a set"):
        encode({"a": {1}})
