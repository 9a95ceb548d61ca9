#include <fstream>
#include <sstream>
#include <string>

#include "ppinfer/predictor.h"

namespace ppinfer {

// From the kernel, which also says whether it lets programs use them.
std::string cpu_features() {
  std::ifstream cpuinfo("/proc/cpuinfo");
  std::string line;
  while (std::getline(cpuinfo, line) && line.rfind("flags", 0) != 0) {
  }
  const std::string flags = " " + line.substr(line.find(':') + 1) + " ";
  std::string found;
  for (const char* name :
       {"sse4_2", "avx2", "avx512f", "avx_vnni", "avx512_vnni", "avx512_bf16", "amx_bf16", "amx_int8"}) {
    if (flags.find(std::string(" ") + name + " ") != std::string::npos) {
      found += (found.empty() ? "" : " ") + std::string(name);
    }
  }
  return found;
}

}  // namespace ppinfer
