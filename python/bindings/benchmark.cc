#include <pybind11/stl.h>

#include <chrono>
#include <string>
#include <utility>
#include <vector>

#include "bindings.h"
#include "ppinfer/record_writer.h"
#include "ppinfer/rounds.h"
#include "ppinfer/run.h"
#include "streams.h"

namespace py = pybind11;

namespace ppinfer {
namespace {

constexpr const char* kNowhere = "/dev/null";  // records are made, and go there

RecordWriter writer_to_nowhere(const Predictor& predictor) {
  return {kNowhere, RecordFormat::kJsonl, predictor.config().settings().postprocess};
}

std::pair<RunSummary, std::vector<double>> measure_rounds(Predictor& predictor, std::vector<std::string> paths,
                                                          int rounds, std::int64_t round_images) {
  RoundPlan plan;
  plan.rounds = rounds;
  plan.round_images = round_images;
  plan.lead = std::int64_t{predictor.config().lanes()} * predictor.config().settings().batch_size;
  RepeatedFiles source(std::move(paths), plan.images());
  InterruptibleSource watched(source);
  RecordWriter writer = writer_to_nowhere(predictor);
  RoundClock clock(writer, plan);
  RunSummary summary;
  {
    const py::gil_scoped_release release;
    summary.run = predictor.run(watched, clock);
  }
  watched.rethrow();
  return {summary, clock.round_ms()};
}

// Lets Ctrl-C have its say about every 100 ms.
class SignalCheck {
 public:
  void operator()() {
    if (Clock::now() < next_check_) return;
    const py::gil_scoped_acquire gil;
    if (PyErr_CheckSignals() != 0) throw py::error_already_set();
    next_check_ = Clock::now() + std::chrono::milliseconds(100);
  }

 private:
  using Clock = std::chrono::steady_clock;
  Clock::time_point next_check_ = Clock::now() + std::chrono::milliseconds(100);
};

StageTimes measure_stages(Predictor& predictor, const std::vector<std::string>& paths, double seconds) {
  std::vector<ImageInput> inputs(paths.size());
  for (std::size_t index = 0; index < paths.size(); ++index) inputs[index].path = paths[index];
  RecordWriter writer = writer_to_nowhere(predictor);
  const py::gil_scoped_release release;
  return predictor.measure_stages(inputs, seconds, writer, SignalCheck());
}

}  // namespace

void bind_benchmark(py::module_& core) {
  core.def("measure_rounds", &measure_rounds, py::arg("predictor"), py::arg("paths"), py::arg("rounds"),
           py::arg("round_images"));
  core.def("measure_stages", &measure_stages, py::arg("predictor"), py::arg("paths"), py::arg("seconds"));
  core.def("allowed_cpu_count", &allowed_cpu_count);
}

}  // namespace ppinfer
