#include "ppinfer/config.h"

#include <pybind11/operators.h>
#include <pybind11/stl.h>

#include <utility>
#include <variant>

#include "bindings.h"
#include "ppinfer/model_place.h"
#include "ppinfer/predictor.h"
#include "ppinfer/terminal.h"
#include "text.h"

namespace py = pybind11;

namespace ppinfer {
namespace {

using namespace py::literals;

template <class T>
auto text_of(std::string T::*member) {
  return [member](const T& self) { return to_python_text(self.*member); };
}

py::object value_to_python(const std::string& text) { return to_python_text(text); }
py::object value_to_python(const Size& sides_px) { return py::cast(std::vector{sides_px.width, sides_px.height}); }
template <class T>
py::object value_to_python(const T& value) {
  return py::cast(value);
}

py::object value_of(const EffectiveValue& row) {
  return std::visit([](const auto& value) { return value_to_python(value); }, row.value());
}

py::dict effective(const Config& config) {
  py::dict rows;
  for (EffectiveValue& row : report_config(config).effective) {
    const py::str key = to_python_text(row.key);
    rows[key] = std::move(row);
  }
  return rows;
}

py::dict texts(const Config& config) {
  py::dict texts;
  for (const EffectiveValue& row : report_config(config).effective) {
    texts[to_python_text(row.key)] = to_python_text(row.text);
  }
  return texts;
}

void bind_values(py::module_& core) {
  py::class_<EffectiveValue>(core, "EffectiveValue")
      .def_property_readonly("key", text_of(&EffectiveValue::key))
      .def_property_readonly("value", &value_of)
      .def_property_readonly("text", text_of(&EffectiveValue::text))
      .def_property_readonly("origin", text_of(&EffectiveValue::origin))
      .def_readonly("guessed", &EffectiveValue::guessed)
      .def_readonly("unit", &EffectiveValue::unit)
      .def_property_readonly("layer", [](const EffectiveValue& row) { return to_string(row.layer); })
      .def_readonly("line", &EffectiveValue::line)
      .def_readonly("of_this_machine", &EffectiveValue::of_this_machine)
      .def("__repr__", [](const EffectiveValue& row) {
        return py::str("EffectiveValue(key={!r}, value={!r}, text={!r}, origin={!r}, guessed={!r}, unit={!r})")
            .format(row.key, value_of(row), to_python_text(row.text), to_python_text(row.origin), row.guessed,
                    row.unit);
      });
  py::class_<PipelineStep>(core, "PipelineStep")
      .def_property_readonly("operation", text_of(&PipelineStep::operation))
      .def_property_readonly("parameters", text_of(&PipelineStep::parameters))
      .def(py::self == py::self)
      .def("__repr__", [](const PipelineStep& step) {
        return py::str("PipelineStep(operation={!r}, parameters={!r})")
            .format(step.operation, to_python_text(step.parameters));
      });
}

void bind_fields(py::module_& core) {
  py::class_<FieldInfo>(core, "FieldInfo")
      .def_readonly("name", &FieldInfo::name)
      .def_property_readonly("group", [](const FieldInfo& field) { return to_string(field.group); })
      .def_readonly("type", &FieldInfo::type)
      .def_readonly("choices", &FieldInfo::choices)
      .def_readonly("default_value", &FieldInfo::default_value)
      .def_readonly("expected", &FieldInfo::expected)
      .def_readonly("unit", &FieldInfo::unit)
      .def_readonly("help", &FieldInfo::help)
      .def_property_readonly("effect", [](const FieldInfo& field) { return to_string(field.effect); })
      .def_readonly("is_path", &FieldInfo::is_path)
      .def_readonly("legacy", &FieldInfo::legacy)
      .def_readonly("guessed_when_unset", &FieldInfo::guessed_when_unset)
      .def_readonly("names_model", &FieldInfo::names_model)
      .def_readonly("of_one_model", &FieldInfo::of_one_model)
      .def_readonly("paddle_only", &FieldInfo::paddle_only)
      .def_readonly("chooses_paddle", &FieldInfo::chooses_paddle)
      .def_readonly("tuned", &FieldInfo::tuned)
      .def_property_readonly("changes_records", &FieldInfo::changes_records)
      .def_property_readonly("names_input", &FieldInfo::names_input)
      .def("__repr__", [](const FieldInfo& field) {
        return py::str("FieldInfo(name={!r}, type={!r}, default_value={!r}, unit={!r}, effect={!r})")
            .format(field.name, field.type, field.default_value, field.unit, to_string(field.effect));
      });
  core.def("config_fields", &config_fields);
  core.def("config_template", &config_template);
}

void bind_model_place(py::module_& core) {
  py::class_<ModelPlace>(core, "ModelPlace")
      .def_readonly("key", &ModelPlace::key)
      .def_property_readonly("config_path", [](const ModelPlace& place) { return to_python_path(place.config_path); })
      .def("__repr__", [](const ModelPlace& place) {
        return py::str("ModelPlace(key={!r}, config_path={!r})").format(place.key, to_python_path(place.config_path));
      });
  core.def("model_place", &model_place, "path"_a);
}

}  // namespace

std::vector<Override> overrides_of(const GivenKeys& given) {
  std::vector<Override> overrides;
  for (const auto& [key, value, given_by] : given) overrides.push_back({key, value, given_by});
  return overrides;
}

void bind_config(py::module_& core) {
  bind_values(core);
  bind_fields(core);
  bind_model_place(core);
  py::class_<Config>(core, "Config")
      .def_static(
          "from_file",
          [](const std::string& path, const GivenKeys& overrides) {
            const py::gil_scoped_release release;
            return Config::from_file(path, overrides_of(overrides));
          },
          "path"_a, "overrides"_a)
      .def_static(
          "from_overrides",
          [](const GivenKeys& overrides) {
            const py::gil_scoped_release release;
            return Config::from_overrides(overrides_of(overrides));
          },
          "overrides"_a)
      .def_property_readonly("effective", &effective)
      .def_property_readonly("texts", &texts)
      .def_property_readonly("pipeline", &Config::pipeline)
      .def_property_readonly("model_labels",
                             [](const Config& config) { return to_python_texts(config.model_labels()); })
      .def_property_readonly("notices",
                             [](const Config& config) { return to_python_texts(report_config(config).notices); })
      .def_property_readonly("lanes", &Config::lanes)
      .def_property_readonly("threads_per_lane", &Config::threads_per_lane)
      .def("__repr__", [](const Config& config) {
        py::list stated;
        for (const EffectiveValue& row : config.effective()) {
          if (row.layer >= LayerRank::kFile) stated.append(to_python_text(row.key + "=" + row.text));
        }
        return py::str("Config({})").format(py::str(", ").attr("join")(stated));
      });
  core.def(
      "files_of_model",
      [](const std::string& model_path, const std::string& params_path) {
        py::list files;
        for (const std::string& path : files_of_model(model_path, params_path)) files.append(to_python_path(path));
        return files;
      },
      "model_path"_a, "params_path"_a);
  core.def(
      "shown", [](const std::string& text) { return to_python_text(shown(text)); }, "text"_a);
}

}  // namespace ppinfer
