#include "translations.h"

namespace ppinfer::pir {

const Translations& translations() {
  static const Translations all = [] {
    Translations made;
    add_activations(made);
    add_arithmetic(made);
    add_constants(made);
    add_convolutions(made);
    add_gathering(made);
    add_joining(made);
    add_norms(made);
    add_pooling(made);
    add_reductions(made);
    add_resampling(made);
    add_shapes(made);
    return made;
  }();
  return all;
}

const Translation* translation_of(const std::string& operation) {
  auto found = translations().find(operation);
  if (found == translations().end() && !operation.empty() && operation.back() == '_') {
    found = translations().find(operation.substr(0, operation.size() - 1));
  }
  return found == translations().end() ? nullptr : &found->second;
}

}  // namespace ppinfer::pir
