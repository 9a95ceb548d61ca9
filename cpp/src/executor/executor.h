// Runs N lanes over one source and one sink. Every entry point classifies images with this executor.
#pragma once

#include <memory>
#include <vector>

#include "executor/lane.h"
#include "ppinfer/predictor.h"

namespace ppinfer {

class Executor {
 public:
  Executor(const Pipeline& pipeline, int lanes);  // allocates every lane's memory

  // Results are what `postprocessor` makes of the scores. At most `max_threads` lanes; the caller's thread is one of
  // them, unless there is an observer for it to call. May be called from several threads at once: they take turns with
  // the lanes, batch by batch. Throws what the source or the sink throws, after all lanes have stopped; the inputs
  // before a source's exception still get results.
  RunStats run(const Postprocessor& postprocessor, ImageSource& source, ResultSink& sink, int max_threads,
               RunObserver* observer = nullptr);

  // One input in the caller's thread.
  Result classify(const Postprocessor& postprocessor, ImageInput input);

  int lanes() const { return lanes_; }

 private:
  class Run;

  int lanes_;
  int batch_size_;
  bool pins_lanes_;
  Pool<Lane> pool_;
};

}  // namespace ppinfer
