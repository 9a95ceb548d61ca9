// What a Paddle exception says, and silence on stderr.
#pragma once

#include <exception>
#include <string>

namespace ppinfer {

// What it says, in one line, without the C++ stack, the error's kind, the failed condition and where it was thrown.
std::string reason_of(const std::exception& error);

// From now on Paddle's log (glog, to stderr) shows fatal errors only: Paddle's own switch for it comes too late for
// what it says about a config, and what isn't said through an exception is nothing that a library may print.
void silence_log();

}  // namespace ppinfer
