// Prints the path, class id and label of each image: classify CONFIG IMAGE...
// CMakeLists.txt shows how it is built.
#include <ppinfer/config.h>
#include <ppinfer/error.h>
#include <ppinfer/predictor.h>

#include <iostream>
#include <vector>

int main(int argc, char** argv) {
  if (argc < 3) {
    std::cerr << "usage: classify CONFIG IMAGE...\n";
    return 2;
  }
  try {
    ppinfer::Predictor predictor(ppinfer::Config::from_file(argv[1]));
    std::vector<ppinfer::ImageInput> images(argc - 2);
    for (int index = 2; index < argc; ++index) images[index - 2].path = argv[index];
    bool all_ok = true;
    for (const ppinfer::Result& result : predictor.predict(images)) {
      std::cout << result.path << '\t';
      if (!result.ok()) {
        std::cout << "error in " << to_string(result.error->stage) << ": " << result.error->message << '\n';
        all_ok = false;
      } else if (result.class_ids.empty()) {  // postprocess multilabel: no score reached the threshold
        std::cout << "no class\n";
      } else {
        std::cout << result.class_ids.front();
        if (!result.label_names.empty()) std::cout << '\t' << result.label_names.front();
        std::cout << '\n';
      }
    }
    return all_ok ? 0 : 1;
  } catch (const ppinfer::Error& error) {  // the config or the model is wrong
    std::cerr << error.what() << '\n';
    return 2;
  }
}
