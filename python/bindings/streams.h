// Sources and sinks between Python and the core's lanes. Lanes run without the GIL: whatever touches Python takes it.
#pragma once

#include <pybind11/pybind11.h>

#include <chrono>
#include <optional>
#include <thread>
#include <utility>
#include <vector>

#include "bindings.h"
#include "ppinfer/predictor.h"

namespace ppinfer {

// A Python iterator of ImageInput. What it raises comes out of Predictor::run unchanged.
class IteratorSource : public ImageSource {
 public:
  explicit IteratorSource(pybind11::iterator iterator) : iterator_(std::move(iterator)) {}

  bool next(ImageInput& input) override {
    const pybind11::gil_scoped_acquire gil;
    PyObject* item = PyIter_Next(iterator_.ptr());
    if (item == nullptr && PyErr_Occurred() != nullptr) throw pybind11::error_already_set();
    if (item == nullptr) return false;
    input = pybind11::reinterpret_steal<pybind11::object>(item).cast<ImageInput>();
    return true;
  }

 private:
  pybind11::iterator iterator_;
};

class CollectingSink : public ResultSink {
 public:
  void write(const Result& result) override { results_.push_back(result); }

  std::vector<Result> take() { return std::move(results_); }

 private:
  std::vector<Result> results_;
};

// Hands each result on, and to a Python function too.
class CallingSink : public ResultSink {
 public:
  CallingSink(ResultSink& sink, pybind11::function on_result) : sink_(sink), on_result_(std::move(on_result)) {}

  void write(const Result& result) override {
    sink_.write(result);
    const pybind11::gil_scoped_acquire gil;
    on_result_(result);
  }

 private:
  ResultSink& sink_;
  pybind11::function on_result_;
};

// Lets Ctrl-C have its say about every 100 ms, under the GIL. Python handles signals in its main thread only, which is
// a lane itself while it is inside Predictor::run: it comes by here for each batch. Once it raises, the source ends:
// what is under way is still written, then rethrow() raises.
class InterruptibleSource : public ImageSource {
 public:
  explicit InterruptibleSource(ImageSource& source) : source_(source) {}

  bool next(ImageInput& input) override {
    if (std::this_thread::get_id() == caller_ && Clock::now() >= next_check_) check();
    return !raised_ && source_.next(input);
  }
  bool is_ready() override { return source_.is_ready(); }
  void stop() override { source_.stop(); }

  void rethrow() const {
    if (raised_) throw pybind11::error_already_set(*raised_);
  }

 private:
  using Clock = std::chrono::steady_clock;

  void check() {
    const pybind11::gil_scoped_acquire gil;
    try {
      if (PyErr_CheckSignals() != 0) throw pybind11::error_already_set();
    } catch (const pybind11::error_already_set& raised) {
      raised_.emplace(raised);
    }
    next_check_ = Clock::now() + std::chrono::milliseconds(100);
  }

  ImageSource& source_;
  const std::thread::id caller_ = std::this_thread::get_id();
  Clock::time_point next_check_ = Clock::now() + std::chrono::milliseconds(100);
  std::optional<pybind11::error_already_set> raised_;  // written in next(), which the core never calls twice at once
};

}  // namespace ppinfer
