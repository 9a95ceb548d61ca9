#include "wrong_passes.h"

namespace ppinfer {
namespace {

struct WrongPass {
  ModelFormat format;
  const char* name;
  const char* reason;  // with the smallest net that shows it
};

// Found with Paddle 3.3.1 by tests/bench/op_pairs.
constexpr WrongPass kWrongPasses[] = {
    {ModelFormat::kPaddlePir, "fc_activation_fuse_pass",
     "a fused fc that has an activation takes a second one and loses the first: fc, swish, relu"},
    {ModelFormat::kPaddlePir, "operator_scale_onednn_fuse_pass",
     "a second factor takes the place of the first: fc, / 2, * 3"},
    {ModelFormat::kPaddlePir, "conv_activation_onednn_fuse_pass", "crashes on conv, leaky_relu"},
    {ModelFormat::kPaddlePir, "matmul_activation_fuse_pass",
     "crashes on a fused matmul that is followed by leaky_relu: fc without bias, * 2, leaky_relu"},
    {ModelFormat::kPaddlePir, "inplace_pass",
     "with oneDNN it overwrites a tensor that is still read: two channel norms, each (x - u) / sqrt(mean((x - u)^2)), "
     "one after the other, as in ConvNeXt"},
    {ModelFormat::kPaddleProgram, "fc_act_onednn_fuse_pass",
     "a fused fc that has an activation takes a second one and loses the first: fc, clip, relu"},
    {ModelFormat::kPaddleProgram, "matmul_v2_scale_fuse_pass",
     "deletes a product that other operations also read: fc without bias, concat with half of itself (SIGSEGV)"},
    {ModelFormat::kPaddleProgram, "matmul_scale_fuse_pass", "does the same to the older operator matmul"},
    {ModelFormat::kPaddleProgram, "batch_norm_act_fuse_pass",
     "deletes normalised values that other operations also read, which fails at load: conv, batch norm, relu(x) + x, "
     "add"},
};

}  // namespace

void delete_wrong_passes(paddle::AnalysisConfig& config, ModelFormat format) {
  for (const WrongPass& pass : kWrongPasses) {
    if (pass.format == format) config.DeletePass(pass.name);
  }
}

}  // namespace ppinfer
