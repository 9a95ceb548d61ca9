// The help and version texts of clas_system.
#pragma once

#include <string>

namespace ppinfer {

inline constexpr const char* kUsage =
    "usage: clas_system [OPTIONS] CONFIG PATH...\n"
    "       clas_system [OPTIONS] -c CONFIG PATH...\n"
    "       clas_system [OPTIONS] -m MODEL PATH...\n";

std::string description();   // before the options
std::string explanations();  // after the options: which argument is the config, examples, exit codes
std::string keys_text();     // every key of config.txt, one a line
std::string version_text();  // ppinfer, its engines, the CPU

}  // namespace ppinfer
