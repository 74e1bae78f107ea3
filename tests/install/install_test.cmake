# BUILD, SOURCE, WORK, COMPILER, FLAGS: the build tree, the sources, an own folder, and what to build with.
set(prefix ${WORK}/moved)

function(run)
  execute_process(COMMAND ${ARGN} WORKING_DIRECTORY ${WORK} RESULT_VARIABLE status OUTPUT_VARIABLE out ERROR_VARIABLE out)
  if(NOT status EQUAL 0)
    message(FATAL_ERROR "${ARGN}: ended with ${status}:\n${out}")
  endif()
  set(out "${out}" PARENT_SCOPE)
endfunction()

# NAME FOLDER: configures and builds a project against the installed tree
function(build_project name folder)
  run(${CMAKE_COMMAND} -S ${SOURCE}/${folder} -B ${WORK}/${name} -DCMAKE_PREFIX_PATH=${prefix} -DCMAKE_CXX_COMPILER=${COMPILER}
      -DCMAKE_CXX_FLAGS=${FLAGS} -DCMAKE_FIND_USE_PACKAGE_REGISTRY=OFF)
  run(${CMAKE_COMMAND} --build ${WORK}/${name})
endfunction()

function(want text)
  if(NOT out MATCHES "${text}")
    message(FATAL_ERROR "wanted \"${text}\", got:\n${out}")
  endif()
endfunction()

file(REMOVE_RECURSE ${WORK})
file(MAKE_DIRECTORY ${WORK})
run(${CMAKE_COMMAND} --install ${BUILD} --prefix ${WORK}/first)
file(RENAME ${WORK}/first ${prefix})

build_project(plugin sdk/example)
build_project(program docs/examples)
run(${prefix}/bin/calotype list schedulers)
want("karras")
set(ENV{CALOTYPE_PLUGIN_PATH} ${WORK}/plugin)
run(${prefix}/bin/calotype run ${SOURCE}/configs/demo.yaml --set scheduler=ease --set sampler=dpmpp_2m --set steps=2 --set output=ease.png)
want("ease.png")
run(${WORK}/program/embed ${SOURCE}/configs/demo.yaml)
want("128 x 128, first pixel")
