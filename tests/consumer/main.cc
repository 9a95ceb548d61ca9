// consumer CONFIG IMAGE...: a line of path and best class each
#include <ppinfer/config.h>
#include <ppinfer/error.h>
#include <ppinfer/predictor.h>

#include <iostream>

int main(int argc, char** argv) {
  if (argc < 2) return 2;
  try {
    ppinfer::Predictor predictor(ppinfer::Config::from_file(argv[1]));
    for (int index = 2; index < argc; ++index) {
      ppinfer::ImageInput input;
      input.path = argv[index];
      const ppinfer::Result result = predictor.predict(input);
      std::cout << result.path << '\t';
      if (result.ok()) {
        std::cout << result.class_ids.front() << '\n';
      } else {
        std::cout << "error in " << to_string(result.error->stage) << '\n';
      }
    }
  } catch (const ppinfer::Error& error) {
    std::cerr << error.what() << '\n';
    return 2;
  }
}
