// The folder of the model cache, held open, and whether what lies in it may be believed.
#pragma once

#include <string>

namespace ppinfer {

// Note [Who may write a model cache]
// An entry becomes the model that answers, and its hash has no key: it shows damage, not intent. So entries are
// believed only where nobody but this user and root can have written them: the folder and each entry belong to one of
// the two, and neither group nor others may write them. Files are opened beneath the folder that was checked, whatever
// its path leads to later.
class CacheFolder {
 public:
  // Makes the folder, readable by all and writable by its owner, where it isn't there yet. Throws ModelError: it can't
  // be made or opened.
  explicit CacheFolder(const std::string& path);
  ~CacheFolder();
  CacheFolder(const CacheFolder&) = delete;
  CacheFolder& operator=(const CacheFolder&) = delete;

  const std::string& path() const { return path_; }
  int descriptor() const { return descriptor_; }
  const std::string& problem() const { return problem_; }  // why it may not be used; empty: it may

 private:
  std::string path_;
  int descriptor_ = -1;
  std::string problem_;
};

// Why what lies in this open file or folder may not be believed, such as "others can write it (mode 0777): chmod go-w";
// empty: it may. Throws std::runtime_error with the reason where the system doesn't say.
std::string trust_problem(int descriptor);

}  // namespace ppinfer
