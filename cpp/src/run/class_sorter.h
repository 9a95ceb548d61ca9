// Puts each image of a run into the folder of its class.
#pragma once

#include <optional>
#include <set>
#include <string>
#include <vector>

#include "output/image_copier.h"
#include "ppinfer/run.h"

namespace ppinfer {

// Throws ConfigError: the results have no classes to sort images by.
void require_classes(const Config& config);

// A name that every file system takes for a folder, made of a label.
std::string folder_name(const std::string& label);

// The class is the one of the result's highest score. Its folder is DIR/LABEL, "DIR/LABEL (ID)" where another class has
// a label that makes the same folder on some file system, DIR/ID without labels, and "DIR/(no class)" where no class
// has reached the threshold. For one thread at a time.
class ClassSorter {
 public:
  // `labels`: of all classes, or none; borrowed.
  ClassSorter(const std::string& folder, SortBy by, const std::vector<std::string>& labels);

  // Adding an image twice makes no second file. Throws RuntimeFailure: a folder can't take the image, or the image is
  // already in a class folder, which is possible for a path from a list.
  void add(const Result& result);  // a good one
  const SortedImages& sorted() const { return sorted_; }

 private:
  void require_outside(const std::string& path);
  std::string class_folder(const Result& result) const;

  const SortBy by_;
  const std::vector<std::string>& labels_;
  std::set<std::wstring> shared_names_;
  std::optional<std::string> checked_holder_;
  ImageCopier copier_{ImageCopier::Names::kHashed};
  SortedImages sorted_;
};

}  // namespace ppinfer
