#include "config/value_text.h"
#include "engine/engine_package.h"
#include "engine/registry.h"
#include "ppinfer/predictor.h"

namespace ppinfer {
namespace {

EngineKind auto_engine(ModelFormat format) {
  if (format == ModelFormat::kFake) return EngineKind::kFake;
  const bool paddle_reads_it = format == ModelFormat::kPaddleProgram || format == ModelFormat::kPaddlePir;
  const bool only_paddle = !engine_installed(EngineKind::kOpenVino) && engine_installed(EngineKind::kPaddle);
  return paddle_reads_it && only_paddle ? EngineKind::kPaddle : EngineKind::kOpenVino;
}

}  // namespace

ConfigReport report_config(const Config& config) {
  ConfigReport report{config.settings().engine, config.effective(), config.notices()};
  const EngineKind automatic = auto_engine(config.model_format());
  if (report.engine == EngineKind::kAuto) {
    report.engine = automatic;
    if (automatic == EngineKind::kPaddle) {
      const EnginePackage openvino = engine_package(EngineKind::kOpenVino);
      if (!openvino.version.empty()) report.notices.push_back("engine auto takes paddle: " + openvino.problem);
    }
  }
  for (EffectiveValue& row : report.effective) {
    if (row.key != "engine") continue;
    if (row.text == ValueText<EngineKind>::print(EngineKind::kAuto)) {
      row.text = ValueText<EngineKind>::print(report.engine);
      row.origin += " (auto)";
    } else if (!config.legacy_engine_key().empty() && automatic == EngineKind::kOpenVino) {
      report.notices.push_back(config.legacy_engine_key() + " is set and engine isn't, so the engine is " + row.text +
                               ": set engine openvino for the default, or engine paddle to keep this choice");
    }
  }
  return report;
}

}  // namespace ppinfer
