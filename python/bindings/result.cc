#include "ppinfer/result.h"

#include "bindings.h"
#include "text.h"

namespace py = pybind11;

namespace ppinfer {

py::tuple to_python(const Result& result) {
  const py::object path = result.path.empty() ? py::object(py::none()) : py::object(to_python_path(result.path));
  py::tuple class_ids(result.class_ids.size());
  for (std::size_t i = 0; i < result.class_ids.size(); ++i) class_ids[i] = result.class_ids[i];
  py::tuple scores(result.scores.size());
  for (std::size_t i = 0; i < result.scores.size(); ++i) scores[i] = static_cast<double>(result.scores[i]);
  py::object error = py::none();
  if (result.error) error = py::make_tuple(to_string(result.error->stage), to_python_text(result.error->message));
  return py::make_tuple(path, class_ids, scores, py::tuple(to_python_texts(result.label_names)), error);
}

}  // namespace ppinfer
