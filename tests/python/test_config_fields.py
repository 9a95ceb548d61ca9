"""The field table as Python has it: typed values, and no list of keys beside it."""

import ast
from dataclasses import fields
from pathlib import Path

import pytest

import ppinfer
from conftest import write_config
from ppinfer import _core
from ppinfer.commands.tune import tune
from ppinfer.config_fields import FIELDS, NO_FILES
from ppinfer.config_values import load_config
from ppinfer.measure.compare.stages import KEYS
from ppinfer.measure.tune.space import TUNED_KEYS, Candidate

MOST_KEYS_IN_A_LIST = 2


def test_every_column_has_a_value():
    columns = [name for name, column in vars(_core.FieldInfo).items() if isinstance(column, property)]
    assert len(columns) == 19
    for key, field in FIELDS.items():
        assert all(getattr(field, column) is not None for column in columns), key
        assert "" not in (field.group, field.type, field.expected, field.help, field.effect), key
        assert field.choices == [] or field.type == "|".join(field.choices), key


def test_lists_that_are_made_from_the_table():
    assert [member.name for member in fields(Candidate)] == list(TUNED_KEYS)
    assert all(key in tune.__doc__ for key in TUNED_KEYS)
    assert dict(NO_FILES) == {"model_cache_dir": "", "save_dir": ""}
    compared = [key for keys in KEYS.values() for key in keys]
    assert len(compared) == len(set(compared))
    assert {key for key, field in FIELDS.items() if field.changes_records and field.effect != "classes"} <= {*compared}
    assert all(KEYS.values())


def test_no_list_of_keys_stands_beside_the_table():
    package, found = Path(ppinfer.__file__).parent, []
    for path in package.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            texts = [item.value for item in getattr(node, "elts", []) if isinstance(item, ast.Constant)]
            if len(texts) > MOST_KEYS_IN_A_LIST and all(text in FIELDS for text in texts):
                found.append(f"{path.relative_to(package)}:{node.lineno}: {texts}")
    assert found == []


def test_values_have_the_types_of_their_keys(tmp_path):
    keys = "topk 3\nscale 0.5\nmean 0.5,0.25,0\nresize_width 48\nresize_height 32\ncrop_size 32,24\nexif_rotate no\n"
    write_config(tmp_path).write_text("cls_model_path model.fake\n" + keys)
    rows = load_config(str(tmp_path / "config.txt"), [("save_dir", "out", "-o")]).effective
    values = {"topk": 3, "scale": 0.5, "mean": [0.5, 0.25, 0.0], "crop_size": [32, 24], "exif_rotate": False,
              "decode": "exact", "save_dir": "out", "label_delimiter": ""}  # fmt: skip
    for key, value in values.items():
        assert (rows[key].value, type(rows[key].value)) == (value, type(value))
    assert list(rows) == list(FIELDS)
    assert (rows["topk"].layer, rows["save_dir"].layer, rows["decode"].layer) == ("file", "override", "default")
    assert rows["topk"].origin == f"config.txt:{rows['topk'].line}"
    assert repr(rows["topk"]).startswith("EffectiveValue(key='topk', value=3, text='3', origin='config.txt:")
    assert rows["crop_size"].unit == "px"
    for row in (rows["topk"], FIELDS["topk"]):
        with pytest.raises(AttributeError):
            row.unit = "classes"


def test_rows_outlive_their_config(tmp_path):
    rows = load_config(str(write_config(tmp_path)), []).effective
    assert rows["topk"].text == "5"
    assert load_config(str(tmp_path / "config.txt"), []).pipeline[0].operation == "DecodeImage"
    assert _core.config_fields()[0].name == "model_dir"
