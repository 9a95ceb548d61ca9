#include "ppinfer/result.h"

#include <pybind11/stl.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <iterator>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "bindings.h"
#include "text.h"
#include "value_type.h"

namespace py = pybind11;

namespace ppinfer {
namespace {

using namespace py::literals;

// The shortest decimal that is the same float32: 0.1, not 0.10000000149011612. Written as JSON, it is what the core
// writes.
double shortest(float value) {
  if (!std::isfinite(value)) return static_cast<double>(value);
  char digits[32];
  const char* const end = std::to_chars(digits, digits + sizeof digits, value).ptr;
  double number = 0;
  std::from_chars(digits, end, number);
  return number;
}

template <class Values, class Convert>
py::tuple tuple_of(const Values& values, const Convert& convert) {
  py::tuple converted(values.size());
  for (std::size_t index = 0; index < values.size(); ++index) converted[index] = convert(values[index]);
  return converted;
}

py::tuple numbers(const std::vector<int>& values) {
  return tuple_of(values, [](int value) { return value; });
}

py::tuple numbers(const std::vector<float>& values) {
  return tuple_of(values, [](float value) { return static_cast<double>(value); });
}

py::tuple texts(const std::vector<std::string>& values) { return tuple_of(values, to_python_text); }

py::object path_of(const Result& result) {
  return result.path.empty() ? py::object(py::none()) : py::object(to_python_path(result.path));
}

py::object error_of(const Result& result) { return result.error ? py::cast(*result.error) : py::none(); }

const char* status_of(const Result& result) { return result.ok() ? "ok" : "error"; }

// All that a Result is, in the order of its fields.
py::tuple fields_of(const Result& result) {
  return py::make_tuple(path_of(result), numbers(result.class_ids), numbers(result.scores), texts(result.label_names),
                        texts(result.attributes), numbers(result.attribute_flags), numbers(result.embedding),
                        error_of(result));
}

py::tuple fields_of(const ImageError& error) {
  return py::make_tuple(to_string(error.stage), to_python_text(error.message));
}

constexpr const char* kResultFields[] = {"path",       "class_ids",       "scores",    "label_names",
                                         "attributes", "attribute_flags", "embedding", "error"};
constexpr const char* kErrorFields[] = {"stage", "message"};

PythonResult make_result(const py::object& path, std::vector<int> class_ids, std::vector<float> scores,
                         const py::iterable& label_names, const py::iterable& attributes,
                         std::vector<int> attribute_flags, std::vector<float> embedding,
                         std::optional<ImageError> error) {
  Result result;
  if (!path.is_none()) result.path = to_bytes_of_path(path);
  result.class_ids = std::move(class_ids);
  result.scores = std::move(scores);
  for (const py::handle label : label_names) result.label_names.push_back(to_bytes_of_text(label));
  for (const py::handle attribute : attributes) result.attributes.push_back(to_bytes_of_text(attribute));
  result.attribute_flags = std::move(attribute_flags);
  result.embedding = std::move(embedding);
  result.error = std::move(error);
  return PythonResult(std::move(result));
}

Stage stage_of(const std::string& name) {
  for (const Stage stage :
       {Stage::kRead, Stage::kDecode, Stage::kPreprocess, Stage::kInfer, Stage::kPostprocess, Stage::kMachine}) {
    if (name == to_string(stage)) return stage;
  }
  throw py::value_error("stage " + name + ": expected read, decode, preprocess, infer, postprocess or machine");
}

py::dict to_dict(const Result& result) {
  py::dict record("path"_a = path_of(result), "status"_a = status_of(result));
  if (result.error) {
    record["error"] =
        py::dict("stage"_a = to_string(result.error->stage), "message"_a = to_python_text(result.error->message));
    return record;
  }
  const auto list_of = [](const std::vector<float>& values) { return py::list(tuple_of(values, shortest)); };
  record["class_ids"] = py::list(numbers(result.class_ids));
  record["scores"] = list_of(result.scores);
  record["label_names"] = py::list(texts(result.label_names));
  if (!result.attributes.empty()) {
    record["attributes"] = py::list(texts(result.attributes));
    record["attribute_flags"] = py::list(numbers(result.attribute_flags));
  }
  if (!result.embedding.empty()) record["embedding"] = list_of(result.embedding);
  return record;
}

bool are_same(const std::vector<float>& one, const std::vector<float>& other) {
  return std::equal(one.begin(), one.end(), other.begin(), other.end(),
                    [](float a, float b) { return a == b || (std::isnan(a) && std::isnan(b)); });
}

bool are_same(const ImageError& one, const ImageError& other) {
  return one.stage == other.stage && one.message == other.message;
}

bool are_same(const Result& one, const Result& other) {
  const bool same_error = one.error.has_value() == other.error.has_value() &&
                          (!one.error.has_value() || are_same(*one.error, *other.error));
  return same_error && one.path == other.path && one.class_ids == other.class_ids &&
         one.label_names == other.label_names && one.attributes == other.attributes &&
         one.attribute_flags == other.attribute_flags && are_same(one.scores, other.scores) &&
         are_same(one.embedding, other.embedding);
}

py::ssize_t hash_of(const ImageError& error) { return py::hash(fields_of(error)); }

// Without the numbers: a NaN of Python's has another hash each time.
py::ssize_t hash_of(const Result& result) {
  return py::hash(py::make_tuple(path_of(result), numbers(result.class_ids), texts(result.label_names)));
}

}  // namespace

void bind_result(py::module_& core) {
  py::class_<ImageError> error(core, "ImageError", "Why an image could not be classified.");
  error
      .def(py::init([](const std::string& stage, const py::str& message) {
             return ImageError(stage_of(stage), to_bytes_of_text(message));
           }),
           "stage"_a, "message"_a)
      .def_property_readonly(
          "stage", [](const ImageError& value) { return to_string(value.stage); },
          "The stage that failed: read, decode, preprocess, infer or postprocess. machine: a machine error, such as a "
          "lack of memory; the image may be good.")
      .def_property_readonly(
          "message", [](const ImageError& value) { return to_python_text(value.message); }, "The reason, one line.");
  define_fields(error, "ImageError", kErrorFields, [](const ImageError& value) { return fields_of(value); });
  define_equality(error, [](const ImageError& one, const ImageError& other) { return are_same(one, other); });
  error.def("__hash__", [](const ImageError& value) { return hash_of(value); });

  py::class_<PythonResult> result(core, "Result", "The result of one image: classes and scores, or an error.");
  const py::tuple none;
  result
      .def(py::init(&make_result), "path"_a, "class_ids"_a = none, "scores"_a = none, "label_names"_a = none,
           "attributes"_a = none, "attribute_flags"_a = none, "embedding"_a = none, "error"_a = py::none())
      .def_property_readonly(
          "path", [](const PythonResult& value) { return path_of(value); },
          "The path as given, or as found in a folder; os.fsencode gives its original bytes. None for an input without "
          "a path.")
      .def_property_readonly(
          "class_ids",
          [](const PythonResult& value) {
            return value.kept(ResultTuple::kClassIds, [&] { return numbers(value.class_ids); });
          },
          "Class ids, best first, at most `topk`; ascending for postprocess multilabel. Empty if there is an error.")
      .def_property_readonly(
          "scores",
          [](const PythonResult& value) {
            return value.kept(ResultTuple::kScores, [&] { return numbers(value.scores); });
          },
          "A score for each class id, as the model gives it (float32). With postprocess score: the scores of all "
          "classes.")
      .def_property_readonly(
          "label_names",
          [](const PythonResult& value) {
            return value.kept(ResultTuple::kLabelNames, [&] { return texts(value.label_names); });
          },
          "A name for each class id; empty if no labels are set.")
      .def_property_readonly(
          "attributes",
          [](const PythonResult& value) {
            return value.kept(ResultTuple::kAttributes, [&] { return texts(value.attributes); });
          },
          "With postprocess person_attribute and vehicle_attribute: one text for each attribute.")
      .def_property_readonly(
          "attribute_flags",
          [](const PythonResult& value) {
            return value.kept(ResultTuple::kAttributeFlags, [&] { return numbers(value.attribute_flags); });
          },
          "With postprocess person_attribute and vehicle_attribute: 1 for each of the model's scores above its "
          "threshold, else 0.")
      .def_property_readonly(
          "embedding",
          [](const PythonResult& value) {
            return value.kept(ResultTuple::kEmbedding, [&] { return numbers(value.embedding); });
          },
          "With postprocess embedding: the model's vector, scaled to length 1 (float32).")
      .def_property_readonly(
          "error", [](const PythonResult& value) { return error_of(value); },
          "The reason why this image could not be classified; None for a good image.")
      .def_property_readonly(
          "status", [](const PythonResult& value) { return status_of(value); }, "\"ok\" or \"error\".")
      .def(
          "to_dict", [](const PythonResult& value) { return to_dict(value); },
          "The record as in JSON Lines; each score is the shortest decimal that gives the same float32.");
  result.def(
      "replace",
      [](const PythonResult& value, const py::kwargs& changes) {
        py::dict fields;
        const py::tuple own = fields_of(value);
        for (std::size_t index = 0; index < own.size(); ++index) fields[kResultFields[index]] = own[index];
        for (const auto& [name, changed] : changes) fields[name] = changed;
        return py::type::of<PythonResult>()(**fields);
      },
      "A copy of the Result with other values for the fields that are named.");
  define_fields(result, "Result", kResultFields, [](const PythonResult& value) { return fields_of(value); });
  define_equality(result, [](const PythonResult& one, const PythonResult& other) { return are_same(one, other); });
  result.def("__hash__", [](const PythonResult& value) { return hash_of(value); });
}

}  // namespace ppinfer
