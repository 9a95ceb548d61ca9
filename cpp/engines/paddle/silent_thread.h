// Keeps what one thread says on std::cout or std::cerr from being heard, and nobody else's.
#pragma once

#include <ostream>
#include <streambuf>
#include <thread>

namespace ppinfer {

// During its lifetime, output of the creating thread to the stream is dropped; other threads' output still reaches the
// stream. One object a stream at a time.
class SilentThread {
 public:
  explicit SilentThread(std::ostream& stream) : stream_(stream), others_(stream.rdbuf()) { stream.rdbuf(&others_); }
  ~SilentThread() {
    if (stream_.rdbuf() == &others_) stream_.rdbuf(others_.out());
  }
  SilentThread(const SilentThread&) = delete;
  SilentThread& operator=(const SilentThread&) = delete;

 private:
  class OthersOnly : public std::streambuf {
   public:
    explicit OthersOnly(std::streambuf* out) : out_(out) {}
    std::streambuf* out() const { return out_; }

   protected:
    int_type overflow(int_type character) override {
      if (is_silent() || traits_type::eq_int_type(character, traits_type::eof())) {
        return traits_type::not_eof(character);
      }
      return out_->sputc(traits_type::to_char_type(character));
    }
    std::streamsize xsputn(const char* text, std::streamsize length) override {
      return is_silent() ? length : out_->sputn(text, length);
    }
    int sync() override { return is_silent() ? 0 : out_->pubsync(); }

   private:
    bool is_silent() const { return out_ == nullptr || std::this_thread::get_id() == silent_; }

    std::streambuf* const out_;
    const std::thread::id silent_ = std::this_thread::get_id();
  };

  std::ostream& stream_;
  OthersOnly others_;
};

}  // namespace ppinfer
