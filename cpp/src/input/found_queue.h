// Inputs that a walk has found before a lane asks for them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <string>

#include "ppinfer/image.h"

namespace ppinfer {

struct FoundInput {
  ImageInput input;
  bool is_stream = false;  // its bytes come through a pipe, when its turn comes
};

// First in, first out. A file is kept as what its path has in addition to the one before: 20 to 40 bytes in most
// folders.
class FoundQueue {
 public:
  void push(FoundInput found);  // whose content is a reason, or not read yet
  bool pop(FoundInput& found);  // false: there is none
  bool empty() const { return entries_.empty(); }
  bool full() const;  // the bound of the memory is reached: 32 MiB, about a million files

 private:
  struct Entry {
    std::int64_t size_bytes = -1;
    std::uint32_t shared_bytes = 0;  // with the path before; kOther: the input is the next of `others_`
    std::uint32_t own_bytes = 0;     // behind these
  };

  std::deque<char> entries_;  // an Entry and its own bytes each
  std::deque<FoundInput> others_;
  std::string last_pushed_;
  std::string last_popped_;
};

}  // namespace ppinfer
