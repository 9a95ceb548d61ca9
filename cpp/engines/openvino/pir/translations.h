// Which of OpenVINO's nodes compute what an operation of a PIR program does. An operation whose name ends in "_" works
// in place; both names have one entry here.
#pragma once

#include "call.h"

namespace ppinfer::pir {

// By name, without a "_" at the end.
const Translations& translations();

// Null: there is none.
const Translation* translation_of(const std::string& operation);

// A file each.
void add_activations(Translations& all);
void add_arithmetic(Translations& all);
void add_constants(Translations& all);
void add_convolutions(Translations& all);
void add_gathering(Translations& all);
void add_joining(Translations& all);
void add_norms(Translations& all);
void add_pooling(Translations& all);
void add_reductions(Translations& all);
void add_resampling(Translations& all);
void add_shapes(Translations& all);

}  // namespace ppinfer::pir
