// Enums and small types that the config, the stages and the entry points share.
#pragma once

namespace [[gnu::visibility("default")]] ppinfer {

enum class EngineKind { kAuto, kPaddle, kOpenVino, kFake };  // kFake: tests only, never installed
enum class Precision { kFp32, kBf16, kInt8 };                // kInt8: of a quantised model
enum class DecodeMode { kExact, kFast };                     // kFast: large JPEGs at a reduced size
enum class Interpolation { kNearest, kBilinear, kBicubic, kArea, kLanczos, kBox, kHamming };
// Whose resize is reproduced: OpenCV's (all but box and hamming), or Pillow's antialiased one (all but area).
enum class ResizeBackend { kCv2, kPil };
enum class ChannelOrder { kRgb, kBgr };

// How a Result is made from a row of the model's output; the names in comments are PaddleClas'.
enum class PostprocessOp {
  kTopk,              // Topk
  kThreshold,         // ThreshOutput
  kMultilabel,        // MultiLabelThreshOutput
  kPersonAttribute,   // PersonAttribute
  kVehicleAttribute,  // VehicleAttribute
  kScore,             // ScoreOutput
  kEmbedding,         // the L2-normalised vector of a feature model
};
enum class SoftmaxUse { kOff, kOn, kAuto };  // kAuto: if the model ends without softmax

// The file format of a model, by the extension of its file.
enum class ModelFormat {
  kPaddleProgram,  // *.pdmodel, the classic format
  kPaddlePir,      // *.json, Paddle >= 3
  kOnnx,           // *.onnx
  kOpenVinoIr,     // *.xml
  kFake,           // *.fake, tests only
};

struct Size {  // pixels
  int width = 0;
  int height = 0;
  friend bool operator==(const Size& a, const Size& b) { return a.width == b.width && a.height == b.height; }
  friend bool operator!=(const Size& a, const Size& b) { return !(a == b); }
};

}  // namespace ppinfer
