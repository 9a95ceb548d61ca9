#include "ppinfer/result.h"

#include "bindings.h"
#include "text.h"

namespace py = pybind11;

namespace ppinfer {
namespace {

py::tuple numbers(const std::vector<int>& values) {
  py::tuple converted(values.size());
  for (std::size_t i = 0; i < values.size(); ++i) converted[i] = values[i];
  return converted;
}

py::tuple numbers(const std::vector<float>& values) {
  py::tuple converted(values.size());
  for (std::size_t i = 0; i < values.size(); ++i) converted[i] = static_cast<double>(values[i]);
  return converted;
}

py::tuple texts(const std::vector<std::string>& values) { return py::tuple(to_python_texts(values)); }

}  // namespace

py::tuple to_python(const Result& result) {
  const py::object path = result.path.empty() ? py::object(py::none()) : py::object(to_python_path(result.path));
  py::object error = py::none();
  if (result.error) error = py::make_tuple(to_string(result.error->stage), to_python_text(result.error->message));
  return py::make_tuple(path, numbers(result.class_ids), numbers(result.scores), texts(result.label_names),
                        texts(result.attributes), numbers(result.attribute_flags), numbers(result.embedding), error);
}

}  // namespace ppinfer
