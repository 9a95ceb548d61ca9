// The first Ctrl-C stops the run after the images in work, the second Ctrl-C at once.
#pragma once

namespace ppinfer {

// After this call, the first SIGINT or SIGTERM only sets interrupted(); a second signal ends the process at once. A
// signal that the process was started to ignore stays ignored.
void note_interrupts();
bool interrupted();

}  // namespace ppinfer
