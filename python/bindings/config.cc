#include "ppinfer/config.h"

#include <pybind11/stl.h>

#include "bindings.h"
#include "ppinfer/model_place.h"
#include "ppinfer/predictor.h"
#include "ppinfer/terminal.h"
#include "text.h"

namespace py = pybind11;

namespace ppinfer {
namespace {

py::list effective(const Config& config) {
  py::list rows;
  for (const EffectiveValue& row : report_config(config).effective) {
    rows.append(py::make_tuple(to_python_text(row.key), to_python_text(row.value), to_python_text(row.origin)));
  }
  return rows;
}

py::list guessed(const Config& config) {
  py::list keys;
  for (const EffectiveValue& row : config.effective()) {
    if (row.guessed) keys.append(to_python_text(row.key));
  }
  return keys;
}

py::list pipeline(const Config& config) {
  py::list steps;
  for (const PipelineStep& step : config.pipeline()) {
    steps.append(py::make_tuple(to_python_text(step.operation), to_python_text(step.parameters)));
  }
  return steps;
}

}  // namespace

std::vector<Override> overrides_of(const GivenKeys& given) {
  std::vector<Override> overrides;
  for (const auto& [key, value, given_by] : given) overrides.push_back({key, value, given_by});
  return overrides;
}

void bind_config(py::module_& core) {
  py::class_<Config>(core, "Config")
      .def_static(
          "from_file",
          [](const std::string& path, const GivenKeys& overrides) {
            const py::gil_scoped_release release;
            return Config::from_file(path, overrides_of(overrides));
          },
          py::arg("path"), py::arg("overrides"))
      .def_static(
          "from_overrides",
          [](const GivenKeys& overrides) {
            const py::gil_scoped_release release;
            return Config::from_overrides(overrides_of(overrides));
          },
          py::arg("overrides"))
      .def_property_readonly("effective", &effective)
      .def_property_readonly("guessed", &guessed)
      .def_property_readonly("pipeline", &pipeline)
      .def_property_readonly("notices",
                             [](const Config& config) { return to_python_texts(report_config(config).notices); })
      .def_property_readonly("lanes", &Config::lanes)
      .def_property_readonly("threads_per_lane", &Config::threads_per_lane);
  core.def(
      "files_of_model",
      [](const std::string& model_path, const std::string& params_path) {
        py::list files;
        for (const std::string& path : files_of_model(model_path, params_path)) files.append(to_python_path(path));
        return files;
      },
      py::arg("model_path"), py::arg("params_path"));
  core.def(
      "model_place",
      [](const std::string& path) {
        const ModelPlace place = model_place(path);
        return py::make_tuple(place.key, to_python_path(place.config_path));
      },
      py::arg("path"));
  core.def(
      "shown", [](const std::string& text) { return to_python_text(shown(text)); }, py::arg("text"));
  core.def("config_template", &config_template);
  core.def("config_keys", [] {
    py::list names;
    for (const FieldInfo& field : config_fields()) names.append(field.name);
    return names;
  });
}

}  // namespace ppinfer
