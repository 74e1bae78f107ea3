#pragma once
#include "figures.h"

namespace calotype::figures {

std::string draw_sigmas(const std::vector<Curve>& curves);
std::string draw_sheet(const Sheet& sheet);
Picture reduce(Picture picture, int longer_side);

}  // namespace calotype::figures
