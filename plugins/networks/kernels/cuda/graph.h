#pragma once
#include "networks/kernels/cuda/kernels.h"

namespace calotype::networks::cuda {

// As kernels.h says of Library.
Graph* graph_new(const Graph* neighbour);
void graph_delete(Graph* graph);
bool graph_begin(Graph* graph, Failure why);
bool graph_end(Graph* graph, Failure why);
bool graph_replay(Graph* graph, Failure why);

}  // namespace calotype::networks::cuda
