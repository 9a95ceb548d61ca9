#include "ppinfer/config.h"

#include <pybind11/stl.h>

#include <utility>

#include "bindings.h"
#include "text.h"

namespace py = pybind11;

namespace ppinfer {
namespace {

using Pairs = std::vector<std::pair<std::string, std::string>>;  // (key, value), as bytes

std::vector<Override> overrides_of(const Pairs& pairs) {
  std::vector<Override> overrides;
  for (const auto& [key, value] : pairs) overrides.push_back({key, value});
  return overrides;
}

py::list effective(const Config& config) {
  py::list rows;
  for (const EffectiveValue& row : config.effective()) {
    rows.append(py::make_tuple(to_python_text(row.key), to_python_text(row.value), to_python_text(row.origin)));
  }
  return rows;
}

}  // namespace

void bind_config(py::module_& core) {
  py::class_<Config>(core, "Config")
      .def_static(
          "from_file",
          [](const std::string& path, const Pairs& overrides) {
            const py::gil_scoped_release release;
            return Config::from_file(path, overrides_of(overrides));
          },
          py::arg("path"), py::arg("overrides"))
      .def_static(
          "from_overrides",
          [](const Pairs& overrides) {
            const py::gil_scoped_release release;
            return Config::from_overrides(overrides_of(overrides));
          },
          py::arg("overrides"))
      .def_property_readonly("effective", &effective)
      .def_property_readonly("notices", [](const Config& config) { return to_python_texts(config.notices()); })
      .def_property_readonly("lanes", &Config::lanes)
      .def_property_readonly("threads_per_lane", &Config::threads_per_lane);
  core.def("config_template", &config_template);
}

}  // namespace ppinfer
