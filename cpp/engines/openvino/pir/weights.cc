#include "weights.h"

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <limits>
#include <memory>
#include <openvino/op/constant.hpp>
#include <openvino/runtime/tensor.hpp>
#include <utility>

#include "core/message_text.h"
#include "model/paddle_files.h"
#include "ppinfer/error.h"

namespace ppinfer::pir {
namespace {

// framework.proto's VarType.Type.
ov::element::Type element_type_of(std::uint64_t data_type) {
  switch (data_type) {
    case 0:
      return ov::element::boolean;
    case 1:
      return ov::element::i16;
    case 2:
      return ov::element::i32;
    case 3:
      return ov::element::i64;
    case 4:
      return ov::element::f16;
    case 5:
      return ov::element::f32;
    case 6:
      return ov::element::f64;
    case 20:
      return ov::element::u8;
    case 21:
      return ov::element::i8;
    case 22:
      return ov::element::bf16;
    default:
      return ov::element::dynamic;
  }
}

std::string dims_text(const std::vector<std::uint64_t>& dims) {
  std::string text;
  for (const std::uint64_t side : dims) text += (text.empty() ? "" : ", ") + std::to_string(side);
  return "[" + text + "]";
}

std::string dims_text(const ov::PartialShape& shape) {
  std::vector<std::uint64_t> dims;
  for (const ov::Dimension& side : shape) dims.push_back(static_cast<std::uint64_t>(side.get_length()));
  return dims_text(dims);
}

bool same(const ov::PartialShape& shape, const std::vector<std::uint64_t>& dims) {
  return shape.size() == dims.size() &&
         std::equal(dims.begin(), dims.end(), shape.begin(), [](std::uint64_t side, const ov::Dimension& other) {
           return side == static_cast<std::uint64_t>(other.get_length());
         });
}

// Compilers may take it for granted that numbers are aligned, and Paddle's aren't: those are copied.
std::shared_ptr<ov::op::v0::Constant> constant_of(const std::shared_ptr<ov::Tensor>& file, const StoredTensor& stored,
                                                  const TensorType& type) {
  const char* const values = static_cast<const char*>(std::as_const(*file).data()) + stored.begin;
  if (reinterpret_cast<std::uintptr_t>(values) % type.type.size() == 0) {
    return std::make_shared<ov::op::v0::Constant>(type.type, type.shape.to_shape(), values, file);
  }
  return std::make_shared<ov::op::v0::Constant>(type.type, type.shape.to_shape(), values);
}

}  // namespace

std::map<ValueId, ov::Output<ov::Node>> read_weights(const std::string& path, const std::vector<Weight>& weights) {
  std::vector<const Weight*> in_file_order;
  for (const Weight& weight : weights) in_file_order.push_back(&weight);
  std::sort(in_file_order.begin(), in_file_order.end(),
            [](const Weight* a, const Weight* b) { return a->name < b->name; });
  const std::vector<StoredTensor> tensors = tensors_of_params(path);
  if (tensors.size() != weights.size()) {
    throw ModelError(path + ": holds " + counted(static_cast<std::int64_t>(tensors.size()), "tensor") +
                     ", the program names " + std::to_string(weights.size()) + ": it belongs to another model");
  }
  const auto file = std::make_shared<ov::Tensor>(ov::read_tensor_data(path));
  std::map<ValueId, ov::Output<ov::Node>> constants;
  for (std::size_t i = 0; i < tensors.size(); ++i) {
    const Weight& weight = *in_file_order[i];
    if (i > 0 && in_file_order[i - 1]->name == weight.name) {
      throw ModelError(path + ": the program has two parameters " + shown_word(weight.name));
    }
    const StoredTensor& stored = tensors[i];
    const ov::element::Type type = element_type_of(stored.data_type);
    if (type != weight.type.type || !same(weight.type.shape, stored.dims)) {
      throw ModelError(path + ": its tensor " + std::to_string(i) + " is " + type.get_type_name() + " " +
                       dims_text(stored.dims) + ", but the program's " + shown_word(weight.name) + " is " +
                       weight.type.type.get_type_name() + " " + dims_text(weight.type.shape) +
                       ": it belongs to another model");
    }
    if (stored.begin > file->get_byte_size() || stored.bytes > file->get_byte_size() - stored.begin) {
      throw ModelError(path + ": has changed while it was read");
    }
    const auto constant = constant_of(file, stored, weight.type);
    constant->set_friendly_name(weight.name);
    if (!constants.emplace(weight.id, constant).second) {
      throw ModelError(path + ": the program has two parameters %" + std::to_string(weight.id));
    }
  }
  return constants;
}

}  // namespace ppinfer::pir
