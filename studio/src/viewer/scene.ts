/** A character in 3D: three.js, loaded only where the bundle has a mesh. */

import {
  ACESFilmicToneMapping, AmbientLight, Box3, Color, DirectionalLight, HemisphereLight, type Mesh, type Object3D,
  PerspectiveCamera, PMREMGenerator, Scene, Texture, TextureLoader, Vector3, WebGLRenderer,
} from "three";
import { OrbitControls } from "three/addons/controls/OrbitControls.js";
import { RoomEnvironment } from "three/addons/environments/RoomEnvironment.js";
import { GLTFLoader } from "three/addons/loaders/GLTFLoader.js";

import type { Schema, Values } from "../model/schema";
import { drivesByName, drivesOf, morphWeights, seen } from "./weights";

export interface Character3D {
  /** Shows values. */
  show(schema: Schema, values: Values): void;
  /** Turns the head: degrees about the vertical axis, 0 is the front. */
  turn(degrees: number): void;
  /** Names of all morph targets. */
  readonly targets: readonly string[];
  /** Weights by target as they are drawn. */
  weights(): Record<string, number>;
  close(): void;
}

const isMesh = (node: Object3D): node is Mesh => "isMesh" in node;

export async function openScene(canvas: HTMLCanvasElement, model: ArrayBuffer, ground: string): Promise<Character3D> {
  const renderer = new WebGLRenderer({ canvas, antialias: true });
  renderer.toneMapping = ACESFilmicToneMapping;
  const scene = new Scene();
  scene.background = new Color(ground);
  const loader = new GLTFLoader();
  // By <img>, not by fetch: the page's policy lets it fetch from the server alone.
  loader.register((parser) => {
    (parser as unknown as { textureLoader: TextureLoader }).textureLoader = new TextureLoader();
    return { name: "textures-by-image" };
  });
  const { scene: character } = await loader.parseAsync(model, "");
  scene.add(character);

  const room = new PMREMGenerator(renderer);
  scene.environment = room.fromScene(new RoomEnvironment(), 0.04).texture;
  scene.environmentIntensity = 0.55;
  const key = new DirectionalLight(0xffffff, 1.6);
  key.position.set(0.6, 1, 2);
  scene.add(key, new HemisphereLight(0xffffff, 0x8a8f98, 0.5), new AmbientLight(0xffffff, 0.15));

  const box = new Box3().setFromObject(character);
  const middle = box.getCenter(new Vector3());
  const size = box.getSize(new Vector3());
  const camera = new PerspectiveCamera(24, 1, size.y / 100, size.y * 20);
  // A bust is wider than high: its head is what is looked at, not the hem of its clothes.
  const isBust = size.x > size.y;
  const height = isBust ? 0.78 * size.y : size.y;
  middle.y = box.max.y - height / 2;
  const distance = (0.61 * height) / Math.tan((12 * Math.PI) / 180);
  const controls = new OrbitControls(camera, canvas);
  controls.target.copy(middle);
  controls.enablePan = false;
  controls.minDistance = distance / 3;
  controls.maxDistance = distance * 1.5;
  // The page handles keys by a slider; the wheel scrolls the page unless Ctrl is held.
  controls.enableZoom = false;

  const meshes: Mesh[] = [];
  character.traverse((node) => {
    if (isMesh(node)) meshes.push(node);
  });
  const materials = new Set(meshes.flatMap(({ material }) => material));
  // Cards of hair are cut out: with antialiasing their rims need not be stairs.
  for (const material of materials) material.alphaToCoverage = material.alphaTest > 0;
  const targets = [...new Set(meshes.flatMap((mesh) => Object.keys(mesh.morphTargetDictionary ?? {})))];
  const told = drivesOf(character.userData);

  let waiting = 0;
  const draw = (): void => {
    waiting = 0;
    renderer.render(scene, camera);
  };
  const soon = (): void => {
    if (waiting === 0) waiting = requestAnimationFrame(draw);
  };
  controls.addEventListener("change", soon);
  const resized = new ResizeObserver(() => {
    const { clientWidth: width, clientHeight: height } = canvas;
    if (width === 0 || height === 0) return;
    renderer.setPixelRatio(Math.min(2, devicePixelRatio));
    renderer.setSize(width, height, false);
    camera.aspect = width / height;
    camera.updateProjectionMatrix();
    soon();
  });
  resized.observe(canvas);

  const turn = (degrees: number): void => {
    const angle = (degrees * Math.PI) / 180;
    camera.position.set(middle.x + distance * Math.sin(angle), middle.y, middle.z + distance * Math.cos(angle));
    controls.update();
    soon();
  };
  turn(0);

  return {
    targets,
    turn,
    show(schema, values) {
      const weights = morphWeights(values, told ?? drivesByName(schema, targets));
      for (const mesh of meshes) {
        for (const [name, index] of Object.entries(mesh.morphTargetDictionary ?? {})) {
          if (mesh.morphTargetInfluences) mesh.morphTargetInfluences[index] = weights[name] ?? 0;
        }
      }
      character.traverse((node) => {
        if (node.name !== "") node.visible = seen(schema, values, node.name);
      });
      soon();
    },
    weights() {
      return Object.fromEntries(
        meshes.flatMap((mesh) =>
          Object.entries(mesh.morphTargetDictionary ?? {}).map(([name, index]): [string, number] => [
            name,
            mesh.morphTargetInfluences?.[index] ?? 0,
          ]),
        ),
      );
    },
    close() {
      cancelAnimationFrame(waiting);
      resized.disconnect();
      controls.dispose();
      room.dispose();
      for (const { geometry } of meshes) geometry.dispose();
      for (const material of materials) {
        for (const part of Object.values(material)) if (part instanceof Texture) part.dispose();
        material.dispose();
      }
      renderer.dispose();
    },
  };
}
