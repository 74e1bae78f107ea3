#include "image/other_formats.h"

#include <array>

namespace calotype {
namespace {

struct Format {
  size_t at;  ///< position of the mark
  std::string_view mark, what;
};

using namespace std::string_view_literals;

// formats with ISO boxes name their brand after "ftyp"
constexpr std::array kFormats{
    Format{0, "GIF8"sv, "a GIF"sv},
    Format{0, "BM"sv, "a BMP"sv},
    Format{4, "ftypavi"sv, "an AVIF"sv},
    Format{4, "ftyphei"sv, "a HEIC"sv},
    Format{4, "ftyphev"sv, "a HEIC"sv},
    Format{4, "ftypmif1"sv, "a HEIF"sv},
    Format{4, "ftypmsf1"sv, "a HEIF"sv},
    Format{4, "ftyp"sv, "a video (MP4)"sv},
    Format{0, "\xff\x0a"sv, "a JPEG XL"sv},
    Format{0, "\0\0\0\x0cJXL "sv, "a JPEG XL"sv},
    Format{0, "\0\0\0\x0cjP  "sv, "a JPEG 2000"sv},
    Format{0, "\xff\x4f\xff\x51"sv, "a JPEG 2000"sv},
    Format{0, "II*\0"sv, "a TIFF"sv},
    Format{0, "MM\0*"sv, "a TIFF"sv},
    Format{0, "II+\0"sv, "a TIFF"sv},
    Format{0, "MM\0+"sv, "a TIFF"sv},
    Format{0, "8BPS"sv, "a Photoshop file (PSD)"sv},
    Format{0, "qoif"sv, "a QOI"sv},
    Format{0, "\0\0\1\0"sv, "an icon (ICO)"sv},
    Format{0, "\0\0\2\0"sv, "a cursor (CUR)"sv},
    Format{0, "#?RADIANCE"sv, "a Radiance image (HDR)"sv},
    Format{0, "\x76\x2f\x31\x01"sv, "an OpenEXR"sv},
    Format{0, "gimp xcf"sv, "a GIMP file (XCF)"sv},
    Format{0, "DDS "sv, "a DDS"sv},
    Format{0, "%PDF"sv, "a PDF"sv},
    Format{0, "<svg"sv, "an SVG"sv},
    Format{0, "<?xml"sv, "an SVG or another XML"sv},
    Format{0, "<!DOCTYPE"sv, "a web page (HTML)"sv},
    Format{0, "<!doctype"sv, "a web page (HTML)"sv},
    Format{0, "<html"sv, "a web page (HTML)"sv},
    Format{0, "\x89JNG"sv, "a JNG"sv},
    Format{0, "\x8aMNG"sv, "an MNG"sv},
    Format{0, "PK\3\4"sv, "a ZIP archive"sv},
    Format{0, "RIFF"sv, "a RIFF file that is no WebP"sv},
};

/// A Netpbm image: P1 to P7 and white space.
bool is_netpbm(std::string_view bytes) {
  return bytes.size() >= 3 && bytes[0] == 'P' && bytes[1] >= '1' && bytes[1] <= '7' &&
         (bytes[2] == '\n' || bytes[2] == ' ' || bytes[2] == '\r' || bytes[2] == '\t');
}

}  // namespace

std::string_view other_format(std::string_view bytes) {
  for (const Format& format : kFormats)
    if (bytes.size() >= format.at && bytes.substr(format.at).starts_with(format.mark)) return format.what;
  return is_netpbm(bytes) ? "a Netpbm image (PPM)" : "";
}

}  // namespace calotype
