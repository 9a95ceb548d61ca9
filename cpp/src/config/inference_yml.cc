#include "config/inference_yml.h"

#include <filesystem>

#include "config/paths.h"
#include "config/postprocess_spec.h"
#include "config/preprocess_spec.h"
#include "config/yaml_source.h"

namespace ppinfer {
namespace {

using Reader = YamlSource::Reader;
using Readers = YamlSource::Readers;

void read_sections(const YAML::Node& root, Readers readers, YamlSource& source, ModelSpec& spec) {
  if (!root.IsDefined()) return;
  if (root.IsNull()) {
    return source.problem(root.Mark(), "", "holds nothing, expected a map of PreProcess and PostProcess");
  }
  readers.emplace_back("PreProcess", [&source](const YAML::Node& node, const std::string& name) {
    read_preprocess_spec(node, name, source);
  });
  readers.emplace_back("PostProcess", [&source, &spec](const YAML::Node& node, const std::string& name) {
    read_postprocess_spec(node, name, source, spec.labels);
  });
  source.read_map(root, "", readers);
}

// What PaddleClas' Global says that is ours to know. The rest of its keys say how its own program behaves.
Readers global_readers(YamlSource& source) {
  const Reader skip = YamlSource::skip();
  const Reader off = source.only({"false", "0"});
  return {{"inference_model_dir", source.key("model_dir")},
          {"batch_size", source.key("batch_size")},
          {"use_gpu", source.key("use_gpu")},
          {"gpu_id", source.key("gpu_id")},
          {"gpu_mem", source.key("gpu_mem")},
          {"use_tensorrt", source.key("use_tensorrt")},
          {"use_fp16", source.key("use_fp16")},
          {"enable_mkldnn", source.key("use_mkldnn")},
          {"cpu_num_threads", source.key("cpu_math_library_num_threads")},
          {"enable_benchmark", source.key("benchmark")},
          {"infer_imgs", skip},
          {"ir_optim", skip},
          {"enable_profile", skip},
          {"enable_calc_topk", skip},
          {"model_name", skip},
          {"use_int8", off},
          {"use_npu", off},
          {"use_xpu", off},
          {"use_mlu", off},
          {"use_gcu", off},
          {"use_openvino", off},
          {"use_onnx", off}};
}

}  // namespace

ModelSpec read_inference_yml(const std::string& path, std::vector<std::string>& problems) {
  ModelSpec spec{ConfigLayer(parent_folder(path)), {}};
  YamlSource source(path, LayerRank::kModelSpec, false, spec.layer, problems);
  const Readers skipped = {{"Global", YamlSource::skip()}, {"Hpi", YamlSource::skip()}};
  read_sections(source.load(), skipped, source, spec);
  return spec;
}

ModelSpec read_deployment_yaml(const std::string& path, std::vector<std::string>& problems) {
  ModelSpec spec{ConfigLayer(parent_folder(path)), {}};
  YamlSource source(path, LayerRank::kFile, true, spec.layer, problems);
  const Reader global = [&source](const YAML::Node& node, const std::string& name) {
    source.read_map(node, name, global_readers(source));
  };
  read_sections(source.load(), {{"Global", global}}, source, spec);
  return spec;
}

bool is_yaml_file_name(const std::string& path) {
  const std::filesystem::path ending = std::filesystem::path(path).extension();
  return ending == ".yaml" || ending == ".yml";
}

}  // namespace ppinfer
