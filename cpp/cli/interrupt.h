// Ctrl-C: stop taking images, finish those begun. Again: stop at once.
#pragma once

#include "ppinfer/predictor.h"

namespace ppinfer {

// From here on the first SIGINT or SIGTERM is only noted; a second one ends the process at once. A signal that the
// process was started to ignore stays ignored.
void note_interrupts();
bool interrupted();

// The given source, until an interrupt.
class InterruptibleSource : public ImageSource {
 public:
  explicit InterruptibleSource(ImageSource& source) : source_(source) {}
  bool next(ImageInput& input) override { return !interrupted() && source_.next(input); }

 private:
  ImageSource& source_;
};

}  // namespace ppinfer
