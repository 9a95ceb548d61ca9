// One infer request for each instance; instance_models.h chooses its compiled model.
#include <algorithm>
#include <new>
#include <openvino/openvino.hpp>
#include <optional>
#include <string>
#include <vector>

#include "compiled_batches.h"
#include "engine/engine.h"
#include "instance_models.h"
#include "model/classifier_shape.h"
#include "model/int8.h"
#include "model/output_tensor.h"
#include "model_cache.h"
#include "model_reader.h"
#include "openvino_error.h"
#include "ppinfer/error.h"
#include "ppinfer/version.h"

namespace ppinfer {
namespace {

const char* library_version() {
  static const std::string version = [] {
    const std::string build = ov::get_openvino_version().buildNumber;
    return build.substr(0, build.find('-'));  // "2026.4.1-22982-e213a147257-releases/2026/4"
  }();
  return version.c_str();
}

Dims dims_of(const ov::PartialShape& shape) {
  if (shape.rank().is_dynamic()) return {};
  Dims dims;
  for (const ov::Dimension& side : shape) dims.push_back(side.is_static() ? side.get_length() : -1);
  return dims;
}

const char* const kNoName = "(no name)";

template <class Node>
std::vector<NamedShape> shapes_of(const std::vector<ov::Output<Node>>& ports) {
  std::vector<NamedShape> shapes;
  for (const ov::Output<Node>& port : ports) {
    const auto& names = port.get_names();
    shapes.push_back({names.empty() ? kNoName : *names.begin(), dims_of(port.get_partial_shape()),
                      port.get_element_type().get_type_name()});
  }
  return shapes;
}

// Ends in output_tensor, and so does without all that comes after it.
std::shared_ptr<ov::Model> with_chosen_output(const EngineOptions& options, const std::shared_ptr<ov::Model>& model) {
  if (options.output_tensor.empty()) return model;
  std::vector<std::string> names;
  for (const std::shared_ptr<ov::Node>& node : model->get_ordered_ops()) {
    const std::string type = node->get_type_name();
    if (type == "Constant" || type == "Parameter" || type == "Result") continue;
    for (const ov::Output<ov::Node>& port : node->outputs()) {
      for (const std::string& name : port.get_names()) {
        if (name == options.output_tensor) {
          return std::make_shared<ov::Model>(ov::OutputVector{port}, model->get_parameters());
        }
        names.push_back(name);
      }
    }
  }
  throw_no_such_tensor(options, names);
}

// All tensors with a name, in the order in which they are computed.
std::vector<NamedShape> tensors_of(const ov::Model& model) {
  std::vector<NamedShape> tensors;
  for (const std::shared_ptr<ov::Node>& node : model.get_ordered_ops()) {
    const std::string type = node->get_type_name();
    if (type == "Constant" || type == "Parameter" || type == "Result") continue;
    for (const NamedShape& tensor : shapes_of(node->outputs())) {
      if (tensor.name != kNoName) tensors.push_back(tensor);
    }
  }
  return tensors;
}

// Throws ModelError unless input and output hold floating-point numbers.
void check_types(const EngineOptions& options, const ov::Model& model) {
  const ov::element::Type input = model.input().get_element_type();
  if (!input.is_real()) {
    throw ModelError(options.model_path + ": the input " + shapes_of(model.inputs())[0].name + " is " +
                     input.get_type_name() +
                     ", but preprocessing gives float32: export the model with a float32 input");
  }
  const ov::element::Type output = model.output().get_element_type();
  if (output.is_real()) return;
  const std::string possible = possible_scores(tensors_of(model));
  throw ModelError(options.model_path + ": the output " + shapes_of(model.outputs())[0].name + " is " +
                   output.get_type_name() + ", but scores are float32" +
                   (possible.empty() ? "" : ". Choose another tensor with output_tensor=NAME: " + possible));
}

// Takes and gives float32 where the model itself takes or gives fp16, bf16 or float64.
std::shared_ptr<ov::Model> with_float_ends(const std::shared_ptr<ov::Model>& model) {
  const auto is_f32 = [](const ov::Output<ov::Node>& port) { return port.get_element_type() == ov::element::f32; };
  if (is_f32(model->input()) && is_f32(model->output())) return model;
  ov::preprocess::PrePostProcessor ends(model);
  ends.input().tensor().set_element_type(ov::element::f32);
  ends.output().tensor().set_element_type(ov::element::f32);
  return ends.build();
}

bool cpu_offers(const std::string& capability) {
  const std::vector<std::string> offered = openvino_core().get_property("CPU", ov::device::capabilities);
  return std::find(offered.begin(), offered.end(), capability) != offered.end();
}

// Quantised weights alone save memory, not time: it takes activations that are quantised too.
bool is_quantized(const ov::Model& model) {
  const auto operations = model.get_ops();
  return std::any_of(operations.begin(), operations.end(),
                     [](const auto& node) { return std::string(node->get_type_name()) == "FakeQuantize"; });
}

void check_precision(const EngineOptions& options, const ov::Model& model) {
  if (options.precision == Precision::kInt8) {
    check_int8_cpu();
    if (!is_quantized(model)) throw_not_quantized(options);
  }
  if (options.precision != Precision::kBf16 || cpu_offers(ov::device::capability::BF16)) return;
  std::string capabilities;
  for (const std::string& capability : openvino_core().get_property("CPU", ov::device::capabilities)) {
    capabilities += " " + capability;
  }
  throw ModelError("precision bf16: OpenVINO doesn't offer it on this CPU (it lists" + capabilities +
                   "); set precision fp32");
}

// What isn't quantised of an int8 model is computed in bf16 where the CPU has it: the error of that is small beside the
// one of quantisation.
ov::element::Type float_type(Precision precision) {
  const bool bf16 =
      precision == Precision::kBf16 || (precision == Precision::kInt8 && cpu_offers(ov::device::capability::BF16));
  return bf16 ? ov::element::bf16 : ov::element::f32;
}

ov::AnyMap compile_properties(const EngineOptions& options) {
  return {
      // Left alone, OpenVINO takes bf16 wherever the CPU has it: fp32 must be fp32.
      ov::hint::inference_precision(float_type(options.precision)),
      // Lanes decode between two inferences: the scheduler knows better than a fixed pin where one should run.
      ov::hint::enable_cpu_pinning(false),
  };
}

// A tensor over `images` images from `values` on, which points into the batch.
ov::Tensor lent(float* values, const BatchTensor& batch, int images) {
  const auto side = [](int px) { return static_cast<std::size_t>(px); };
  return {ov::element::f32,
          ov::Shape{side(images), side(batch.channels()), side(batch.size_px().height), side(batch.size_px().width)},
          values};
}

// A request and the memory that it was lent last.
class Request {
 public:
  explicit Request(ov::CompiledModel& model) : request_(model.create_infer_request()) {}

  // Scores [images, class_count], valid until the next run. `images` is the model's batch.
  Span<const float> run(float* values, const BatchTensor& batch, int images, int class_count) {
    if (values != lent_) {  // a lane comes back with the same batch
      request_.set_input_tensor(lent(values, batch, images));
      lent_ = values;
    }
    request_.infer();
    const ov::Tensor output = request_.get_output_tensor();
    const std::size_t scores = static_cast<std::size_t>(images) * static_cast<std::size_t>(class_count);
    if (output.get_size() != scores) {
      throw RuntimeFailure("the model gave " + std::to_string(output.get_size()) + " scores for " +
                           std::to_string(images) + " images of " + std::to_string(class_count) + " classes");
    }
    return {std::as_const(output).data<float>(), scores};
  }

 private:
  ov::InferRequest request_;
  const float* lent_ = nullptr;
};

class OpenVinoInstance : public EngineInstance {
 public:
  OpenVinoInstance(std::shared_ptr<InstanceModels> models, int batch_size, int class_count)
      : models_(std::move(models)), batch_size_(batch_size), class_count_(class_count) {}

  Span<const float> run(const BatchTensor& batch, int count) override {
    try {
      float* const values = const_cast<float*>(batch.values());  // OpenVINO has no tensor of constant memory
      if (!batches_) batches_ = models_->next();
      if (count == batch_size_) return run_whole(values, batch, count);
      return run_one_by_one(values, batch, count);
    } catch (const Error&) {
      throw;
    } catch (const std::bad_alloc&) {
      throw;
    } catch (const std::exception& error) {
      throw RuntimeFailure("OpenVINO failed: " + reason_of(error));
    }
  }

 private:
  Span<const float> run_whole(float* values, const BatchTensor& batch, int count) {
    if (!whole_) whole_.emplace(batches_->whole());
    return whole_->run(values, batch, count, class_count_);
  }

  Span<const float> run_one_by_one(float* values, const BatchTensor& batch, int count) {
    if (!single_) single_.emplace(batches_->single());
    scores_.clear();
    for (int image = 0; image < count; ++image) {
      float* const slot = values + static_cast<std::size_t>(image) * batch.slot_values();
      const Span<const float> scores = single_->run(slot, batch, 1, class_count_);
      scores_.insert(scores_.end(), scores.begin(), scores.end());
    }
    return scores_;
  }

  const std::shared_ptr<InstanceModels> models_;  // may outlive the engine
  int batch_size_;
  int class_count_;
  std::shared_ptr<CompiledBatches> batches_;  // from the first run on
  std::optional<Request> whole_;
  std::optional<Request> single_;
  std::vector<float> scores_;
};

// The last operation before `node` that does more than change the shape or type.
std::shared_ptr<const ov::Node> last_operation(std::shared_ptr<const ov::Node> node) {
  while (true) {
    const std::string type = node->get_type_name();
    const bool passes_on = type == "Result" || type == "Reshape" || type == "Squeeze" || type == "Unsqueeze" ||
                           type == "Convert" || type == "Transpose";
    if (!passes_on) return node;
    node = node->input_value(0).get_node_shared_ptr();
  }
}

ScoreKind score_kind_of(const ov::Model& model) {
  const std::shared_ptr<const ov::Node> node = last_operation(model.output().get_node_shared_ptr());
  const std::string type = node->get_type_name();
  if (type == "Softmax") {
    const auto before = last_operation(node->input_value(0).get_node_shared_ptr());
    return before->get_type_name() == type ? ScoreKind::kSoftmaxTwice : ScoreKind::kSoftmax;
  }
  if (type == "Sigmoid") return ScoreKind::kSigmoid;
  if (type == "MatMul" || type == "Add" || type == "Convolution") return ScoreKind::kRaw;
  return ScoreKind::kUnknown;
}

class OpenVinoEngine : public Engine {
 public:
  OpenVinoEngine(const EngineOptions& options, const std::shared_ptr<ov::Model>& model)
      : options_(options),
        score_kind_(score_kind_of(*model)),
        output_name_(shapes_of(model->outputs())[0].name),
        models_(std::make_shared<InstanceModels>(options, model, compile_properties(options))) {
    const Dims declared = shapes_of(model->outputs())[0].dims;
    if (declared.size() == 1) flat_output_ = declared;
    class_count_ = count_classes();
  }

  int class_count() const override { return class_count_; }
  ScoreKind score_kind() const override { return score_kind_; }

  std::unique_ptr<EngineInstance> create_instance() override {
    return std::make_unique<OpenVinoInstance>(models_, options_.batch_size, class_count_);
  }

  std::string describe() const override {
    return std::string("OpenVINO ") + library_version() + ", " + precision_name(options_.precision) + ", " +
           std::to_string(options_.instances) + (models_->one_each() ? " model" : " stream") +
           (options_.instances == 1 ? " x " : "s x ") + std::to_string(options_.threads_per_instance) +
           (options_.threads_per_instance == 1 ? " thread" : " threads");
  }

  std::vector<std::string> notices() const override { return models_->notices(); }

 private:
  // By running it: what a model declares may be open, and may be wrong.
  int count_classes() {
    ov::InferRequest request = models_->first().whole().create_infer_request();
    BatchTensor zeros(options_.batch_size, options_.input_px, options_.channels);
    request.set_input_tensor(lent(zeros.values(), zeros, options_.batch_size));
    request.infer();
    const ov::Shape output = request.get_output_tensor().get_shape();
    return class_count_of(options_, Dims(output.begin(), output.end()), options_.batch_size, flat_output_,
                          output_name_);
  }

  EngineOptions options_;
  ScoreKind score_kind_;
  std::string output_name_;
  Dims flat_output_;  // as the model declares it, if it has one side; else empty
  const std::shared_ptr<InstanceModels> models_;
  int class_count_ = 0;
};

std::unique_ptr<Engine> load(const EngineOptions& options) {
  try {
    const std::shared_ptr<ov::Model> model = with_chosen_output(options, read_model(options));
    check_inputs(options, shapes_of(model->inputs()));
    check_outputs(options, shapes_of(model->outputs()));
    check_types(options, *model);
    check_precision(options, *model);
    return std::make_unique<OpenVinoEngine>(options, with_float_ends(model));
  } catch (const Error&) {
    throw;
  } catch (const std::exception& error) {
    throw ModelError(options.model_path + ": engine openvino can't load it: " + reason_of(error));
  }
}

Dims write_ir(const EngineOptions& options, const std::string& out) {
  try {
    const std::shared_ptr<ov::Model> model = read_model(options);
    ov::save_model(model, out, false);  // in float32, not compressed to float16
    return model->inputs().empty() ? Dims() : dims_of(model->input(0).get_partial_shape());
  } catch (const Error&) {
    throw;
  } catch (const std::exception& error) {
    throw ModelError(options.model_path + ": can't be written as " + out + ": " + reason_of(error));
  }
}

const EngineModule kModule{kVersion, "openvino", library_version, load, write_ir};

}  // namespace
}  // namespace ppinfer

extern "C" __attribute__((visibility("default"))) const ppinfer::EngineModule* ppinfer_engine_module() {
  return &ppinfer::kModule;
}
