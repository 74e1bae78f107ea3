# cpack: calotype-sdk, calotype-networks and calotype-host as .deb, and the same as .tar.gz.
set(CPACK_GENERATOR TGZ DEB)
set(CPACK_PACKAGE_NAME calotype)
set(CPACK_PACKAGE_VENDOR Calotype)
set(CPACK_PACKAGE_CONTACT "the authors of Calotype")
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "generates images by diffusion; everything it uses is a plugin")
set(CPACK_RESOURCE_FILE_LICENSE ${PROJECT_SOURCE_DIR}/LICENSE)
set(CPACK_COMPONENTS_ALL sdk networks host)
set(CPACK_COMPONENTS_GROUPING IGNORE)
set(CPACK_ARCHIVE_COMPONENT_INSTALL ON)
set(CPACK_STRIP_FILES ON)
set(CPACK_DEB_COMPONENT_INSTALL ON)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_SECTION graphics)
set(CPACK_DEBIAN_SDK_PACKAGE_NAME calotype-sdk)
set(CPACK_DEBIAN_SDK_PACKAGE_SECTION devel)
set(CPACK_COMPONENT_SDK_DESCRIPTION
  "headers, CMake package and the program calotype-plugin, to write plugins for Calotype")
set(CPACK_DEBIAN_SDK_PACKAGE_DEPENDS "libc6, libstdc++6")
set(CPACK_DEBIAN_SDK_PACKAGE_RECOMMENDS "g++, cmake, pkg-config")
set(CPACK_DEBIAN_NETWORKS_PACKAGE_NAME calotype-networks)
set(CPACK_DEBIAN_NETWORKS_PACKAGE_SECTION devel)
set(CPACK_COMPONENT_NETWORKS_DESCRIPTION
  "headers and archive of what loaders of diffusion models share: weights, text encoders, UNet, VAE, kernels")
set(CPACK_DEBIAN_NETWORKS_PACKAGE_DEPENDS
  "calotype-sdk (= ${PROJECT_VERSION}), calotype-host (= ${PROJECT_VERSION}), libutf8proc-dev, libpcre2-dev")
set(CPACK_DEBIAN_HOST_PACKAGE_NAME calotype-host)
set(CPACK_COMPONENT_HOST_DESCRIPTION
  "the library, the program calotype, its plugins and the demo model; libtorch lies where it was when this was built")
# named here, as dpkg-shlibdeps stops at libtorch, which no package has; what Debian bookworm calls them
set(CPACK_DEBIAN_HOST_PACKAGE_DEPENDS
    "calotype-sdk (= ${PROJECT_VERSION})" libc6 libstdc++6 libgomp1 libboost-program-options1.74.0 libyaml-cpp0.7
      libssl3
    zlib1g libpng16-16 libjpeg62-turbo libwebp7 libpcre2-8-0 libutf8proc2)
list(JOIN CPACK_DEBIAN_HOST_PACKAGE_DEPENDS ", " CPACK_DEBIAN_HOST_PACKAGE_DEPENDS)
set(CPACK_DEBIAN_HOST_PACKAGE_RECOMMENDS "libcairo2, fonts-dejavu-core")
include(CPack)
