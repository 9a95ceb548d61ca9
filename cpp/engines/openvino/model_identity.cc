#include "model_identity.h"

#include <cstddef>
#include <openvino/pass/serialize.hpp>
#include <ostream>
#include <streambuf>
#include <string>

#include "core/xxh64.h"

namespace ppinfer {
namespace {

// Takes what is written for its hash alone.
class HashingBuffer : public std::streambuf {
 public:
  std::uint64_t hash() const { return hash_; }

 protected:
  std::streamsize xsputn(const char* bytes, std::streamsize count) override {
    hash_ = Xxh64::of({bytes, static_cast<std::size_t>(count)}, hash_);
    written_ += count;
    return count;
  }
  int_type overflow(int_type letter) override {
    const char byte = traits_type::to_char_type(letter);
    if (!traits_type::eq_int_type(letter, traits_type::eof())) xsputn(&byte, 1);
    return traits_type::not_eof(letter);
  }
  // Asked where it is: a model's text says which of the weights an operation has by where they begin.
  pos_type seekoff(off_type offset, std::ios_base::seekdir from, std::ios_base::openmode /*which*/) override {
    return offset == 0 && from == std::ios_base::cur ? pos_type(written_) : pos_type(off_type(-1));
  }

 private:
  std::uint64_t hash_ = 0;
  off_type written_ = 0;
};

// What has no name of its own has one with a number that goes up with all that is made in this process.
void rename(ov::Model& model) {
  int number = 0;
  for (const std::shared_ptr<ov::Node>& node : model.get_ordered_ops()) {
    node->set_friendly_name(std::to_string(number++));
    node->get_rt_info().erase("fused_names_0");  // those of the nodes that it was made of
  }
  model.set_friendly_name("model");
}

}  // namespace

std::uint64_t identity_of(const std::shared_ptr<ov::Model>& model) {
  rename(*model);
  HashingBuffer text_hash;
  HashingBuffer weights_hash;
  std::ostream text(&text_hash);
  std::ostream weights(&weights_hash);
  ov::pass::Serialize(text, weights).run_on_model(model);
  const std::uint64_t hashes[] = {text_hash.hash(), weights_hash.hash()};
  return Xxh64::of({reinterpret_cast<const char*>(hashes), sizeof(hashes)});
}

}  // namespace ppinfer
