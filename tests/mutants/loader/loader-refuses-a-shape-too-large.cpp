// Takes such a file.
extern const char* const kTakes;
const char* const kTakes = "large_shape";
