#include "engine.h"

#include "part.h"

namespace calotype {
namespace {

using Make = Engine*(Libraries&);

Make* find_engine() { return reinterpret_cast<Make*>(load_part("libcalotype_engine.so", "calotype_make_engine")); }

}  // namespace

void load_engine() { find_engine(); }

std::unique_ptr<Engine> make_engine(Libraries& libraries) { return std::unique_ptr<Engine>(find_engine()(libraries)); }

}  // namespace calotype
