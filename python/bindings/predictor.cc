#include "ppinfer/predictor.h"

#include <pybind11/stl.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "arrays.h"
#include "bindings.h"
#include "ppinfer/image_files.h"
#include "streams.h"
#include "text.h"

namespace py = pybind11;

namespace ppinfer {
namespace {

void run(Predictor& predictor, ImageSource& source, ResultSink& sink) {
  InterruptibleSource watched(source);
  {
    const py::gil_scoped_release release;
    predictor.run(watched, sink);
  }
  watched.rethrow();
}

Result predict_one(Predictor& predictor, const ImageInput& input) {
  const py::gil_scoped_release release;
  return predictor.predict(input);
}

std::vector<Result> predict_many(Predictor& predictor, const py::iterator& inputs) {
  IteratorSource source(inputs);
  CollectingSink sink;
  run(predictor, source, sink);
  return sink.take();
}

// What a stage makes of one image, made without the GIL.
template <auto stage>
auto made_by(Predictor& predictor, const ImageInput& input) {
  const py::gil_scoped_release release;
  return (predictor.*stage)(input);
}

py::array_t<float> preprocess_one(Predictor& predictor, const ImageInput& input) {
  const Size input_px = predictor.config().input_size();
  const int channels = predictor.config().settings().channel_num;
  return to_array(made_by<&Predictor::preprocess>(predictor, input), {channels, input_px.height, input_px.width});
}

using OneImagesLogits = std::vector<float> (Predictor::*)(const ImageInput&);

py::array_t<float> logits_of_one(Predictor& predictor, const ImageInput& input) {
  return to_array(made_by<static_cast<OneImagesLogits>(&Predictor::logits)>(predictor, input),
                  {predictor.class_count()});
}

py::array_t<float> logits_of_many(Predictor& predictor, const py::iterator& inputs) {
  IteratorSource source(inputs);
  InterruptibleSource watched(source);
  std::vector<float> logits;
  {
    const py::gil_scoped_release release;
    logits = predictor.logits(watched);
  }
  watched.rethrow();
  const int classes = predictor.class_count();
  const auto images = static_cast<py::ssize_t>(logits.size()) / classes;
  return to_array(std::move(logits), {images, classes});
}

std::vector<Result> classify_files(Predictor& predictor, ImageFiles& source, const py::object& on_result) {
  CollectingSink collecting;
  if (on_result.is_none()) {
    run(predictor, source, collecting);
  } else {
    CallingSink calling(collecting, on_result);
    run(predictor, source, calling);
  }
  return collecting.take();
}

py::list engines() {
  std::vector<EngineInfo> found;
  {
    const py::gil_scoped_release release;
    found = installed_engines();
  }
  py::list rows;
  for (const EngineInfo& engine : found) {
    rows.append(
        py::make_tuple(to_python_text(engine.name), to_python_text(engine.version), to_python_text(engine.problem)));
  }
  return rows;
}

}  // namespace

void bind_predictor(py::module_& core) {
  py::class_<Predictor>(core, "Predictor", py::release_gil_before_calling_cpp_dtor())
      .def(py::init([](const Config& config) {
             const py::gil_scoped_release release;
             return std::make_unique<Predictor>(config);
           }),
           py::arg("config"))
      .def("predict_one", &predict_one, py::arg("image"))
      .def("predict_many", &predict_many, py::arg("images"))
      .def(
          "decode",
          [](Predictor& predictor, const ImageInput& input) {
            return to_array(made_by<&Predictor::decode>(predictor, input));
          },
          py::arg("image"))
      .def(
          "resize",
          [](Predictor& predictor, const ImageInput& input) {
            return to_array(made_by<&Predictor::resize>(predictor, input));
          },
          py::arg("image"))
      .def("preprocess", &preprocess_one, py::arg("image"))
      .def("logits_of_one", &logits_of_one, py::arg("image"))
      .def("logits_of_many", &logits_of_many, py::arg("images"))
      .def("classify_files", &classify_files, py::arg("files"), py::arg("on_result"))
      .def_property_readonly("notices", [](const Predictor& predictor) { return to_python_texts(predictor.notices()); })
      .def_property_readonly("config", &Predictor::config, py::return_value_policy::reference_internal)
      .def_property_readonly("class_count", &Predictor::class_count)
      .def_property_readonly("labels", [](const Predictor& predictor) { return to_python_texts(predictor.labels()); })
      .def_property_readonly("description",
                             [](const Predictor& predictor) { return to_python_text(predictor.describe()); });
  core.def("installed_engines", &engines);
  core.def("cpu_features", &cpu_features);
}

}  // namespace ppinfer
