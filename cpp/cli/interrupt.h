// Ctrl-C: stop taking images, finish those begun. Again: stop at once.
#pragma once

namespace ppinfer {

// From here on the first SIGINT or SIGTERM is only noted; a second one ends the process at once. A signal that the
// process was started to ignore stays ignored.
void note_interrupts();
bool interrupted();

}  // namespace ppinfer
