#include "reader.h"

#include <algorithm>
#include <cstdint>
#include <openvino/op/parameter.hpp>
#include <openvino/op/result.hpp>
#include <utility>

#include "call.h"
#include "core/message_text.h"
#include "engine/engine.h"
#include "nodes.h"
#include "openvino_error.h"
#include "ppinfer/error.h"
#include "program.h"
#include "translations.h"
#include "weights.h"

namespace ppinfer::pir {
namespace {

constexpr std::int64_t kMaxValues = std::int64_t{1} << 28;  // of a tensor, for one image

bool is_input(const std::string& name) { return name == "data" || name == "feed"; }
bool is_output(const std::string& name) { return name == "fetch"; }

// "/ResNet/Conv2D_7/" and conv2d, value 12 -> "ResNet/Conv2D_7/conv2d.12"
std::string tensor_name(const Call& call, ValueId id) {
  std::string layer = call.text_or("struct_name", "");
  while (!layer.empty() && layer.front() == '/') layer.erase(0, 1);
  if (!layer.empty() && layer.back() != '/') layer += '/';
  return layer + call.name() + "." + std::to_string(id);
}

class Reader {
 public:
  Reader(const std::string& params_path, const Program& program) {
    if (program.weights.empty()) return;
    for (auto& [id, constant] : read_weights(params_path, program.weights)) values_.emplace(id, constant);
  }

  void read(const Operation& operation) {
    const Call call(operation, values_);
    if (is_input(operation.name)) {
      add_input(call, operation);
    } else if (is_output(operation.name)) {
      add_output(call);
    } else {
      translate(call, operation);
    }
    call.check_all_read();
  }

  std::shared_ptr<ov::Model> model() {
    if (outputs_.empty()) throw ModelError("the program has no output");
    std::stable_sort(outputs_.begin(), outputs_.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
    ov::ResultVector results;
    for (auto& [column, result] : outputs_) results.push_back(result);
    return std::make_shared<ov::Model>(results, inputs_, "pir");
  }

 private:
  void translate(const Call& call, const Operation& operation) {
    const std::vector<Value> results = (*translation_of(operation.name))(call);
    for (std::size_t i = 0; i < std::min(results.size(), operation.results.size()); ++i) {
      const ResultSlot& slot = operation.results[i];
      if (slot.id != 0) put(call, slot, results[i]);
    }
    write_in_place(operation, results);
  }

  void define(const Call& call, ValueId id, const Value& value) {
    if (!values_.emplace(id, value).second) call.fail("%" + std::to_string(id) + " is there twice");
  }

  void add_input(const Call& call, const Operation& operation) {
    const auto parameter = std::make_shared<ov::op::v0::Parameter>(call.result_type(), call.result_shape());
    const std::string name = call.text_or("name", "");
    parameter->set_friendly_name(name);
    parameter->output(0).set_names({name});
    define(call, operation.results[0].id, parameter->output(0));
    inputs_.push_back(parameter);
  }

  void add_output(const Call& call) {
    const auto result = std::make_shared<ov::op::v0::Result>(call.x());
    call.x().add_names({call.text_or("name", "")});
    outputs_.emplace_back(call.integer("col"), result);
  }

  void put(const Call& call, const ResultSlot& slot, const Value& value) {
    define(call, slot.id, value);
    const auto* const tensor = std::get_if<Tensor>(&value);
    if ((tensor != nullptr) != slot.type.has_value())
      call.fail(tensor != nullptr ? "expected a list, got a tensor" : "expected a tensor, got a list");
    if (tensor == nullptr) return;
    check(call, *tensor, *slot.type);
    if (!constant_behind(*tensor)) Tensor(*tensor).add_names({tensor_name(call, slot.id)});
  }

  // What OpenVINO infers must be what Paddle did: a misreading shows here.
  static void check(const Call& call, const Tensor& tensor, const TensorType& paddle) {
    const ov::PartialShape& shape = tensor.get_partial_shape();
    std::int64_t values = 1;
    for (const ov::Dimension& side : shape.rank().is_static() ? shape : ov::PartialShape{}) {
      const std::int64_t length = side.is_static() ? side.get_length() : 1;
      if (__builtin_mul_overflow(values, length, &values) || values > kMaxValues) call.fail("its result is too large");
    }
    if (!shape.compatible(paddle.shape) || tensor.get_element_type() != paddle.type) {
      call.fail("OpenVINO infers " + tensor.get_element_type().get_type_name() + " " + shape.to_string() +
                ", the model says " + paddle.type.get_type_name() + " " + paddle.shape.to_string());
    }
  }

  // Who reads the input later sees what was written. batch_norm_ writes statistics only while training.
  void write_in_place(const Operation& operation, const std::vector<Value>& results) {
    if (operation.name.back() != '_' || operation.name == "batch_norm_" || operation.name == "share_data_") return;
    const std::size_t written = operation.name == "assign_out_" ? 1 : 0;
    if (written < operation.inputs.size() && operation.inputs[written] != 0 && !results.empty()) {
      values_[operation.inputs[written]] = results[0];
    }
  }

  std::unordered_map<ValueId, Value> values_;
  ov::ParameterVector inputs_;
  std::vector<std::pair<std::int64_t, std::shared_ptr<ov::op::v0::Result>>> outputs_;
};

}  // namespace

std::shared_ptr<ov::Model> read_model(const std::string& program_path, const std::string& params_path) {
  const Program program = read_program(program_path, [](const std::string& name) {
    return is_input(name) || is_output(name) || translation_of(name) != nullptr;
  });
  Reader reader(params_path, program);
  const Operation* at = nullptr;
  try {
    for (const Operation& operation : program.operations) {
      at = &operation;
      reader.read(operation);
    }
    at = nullptr;
    return reader.model();
  } catch (const UnsupportedOperation& problem) {
    throw UnsupportedOperation(program_path + ": " + problem.what());
  } catch (const Error& problem) {
    throw ModelError(program_path + ": " + problem.what());
  } catch (const std::exception& problem) {
    throw ModelError(program_path + ": " + (at == nullptr ? "" : "operation " + shown_word(at->name) + ": ") +
                     reason_of(problem));
  }
}

}  // namespace ppinfer::pir
