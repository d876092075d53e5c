/**
 * Help and options of `tapegrad train`.
 *
 * @module
 */

/** Help and options of the command. */
export const TRAIN_HELP = {
  summary: "train a model, to be stopped and resumed at any moment",
  options: {
    help: { type: "boolean", short: "h" },
    model: { type: "string" },
    data: { type: "string" },
    from: { type: "string" },
    "data-path": { type: "string" },
    "no-verify": { type: "boolean" },
    examples: { type: "string" },
    epochs: { type: "string" },
    "batch-size": { type: "string" },
    lr: { type: "string" },
    momentum: { type: "string" },
    "weight-decay": { type: "string" },
    "label-smoothing": { type: "string" },
    "average-decay": { type: "string" },
    crop: { type: "string" },
    flip: { type: "boolean" },
    "no-flip": { type: "boolean" },
    cutout: { type: "string" },
    "start-size": { type: "string" },
    attack: { type: "string" },
    "attack-steps": { type: "string" },
    eps: { type: "string" },
    note: { type: "string" },
    seed: { type: "string" },
    device: { type: "string" },
    threads: { type: "string" },
    out: { type: "string" },
    resume: { type: "boolean" },
    "save-every": { type: "string" },
    json: { type: "boolean" },
  },
  text: `Usage: tapegrad train [options]

Trains with SGD (Nesterov) on a one-cycle schedule and writes into a folder: run.json (settings),
state.safetensors (to go on from), log.jsonl, accuracy.svg, loss.svg, curve.html, and in the end
model.safetensors with PyTorch's names and layouts. Ctrl-C saves the state first; a run that was
stopped or killed goes on with --resume and ends with the same bits. With --from it trains a trained
network further, such as on attacked images.

Options:
  --model NAME           smallCnn (default), vgg, resnet8, resnet20, resnet18, inception, densenet
  --data NAME            digits (default), mnist, fashion-mnist, cifar10, cifar100, or images: a
                         folder of PNG with one subfolder per class, or with such in train and test
  --data-path PATH       folder or archive of its files. Default: the cache, else a download
  --from CHECKPOINT      begin with a trained network: a safetensors file, or the name of one that
                         comes with the package (tapegrad models). It tells its model and data;
                         usual are then a third of the epochs, a quarter of the learning rate and
                         images of their own size
  --no-verify            take files whose checksums are not the official ones
  --examples N           train on the first N only
  --epochs N             passes over the data. This and what follows: the usual for model and data
  --batch-size N         images per step. Default 128
  --lr X                 highest learning rate of the one-cycle schedule
  --momentum X           default 0.9
  --weight-decay X       of weights, not of biases and norms. Default 0.0005
  --label-smoothing X    default 0.1
  --average-decay X      of the averages of weights that the model has in the end, with the statistics
                         of batch norm computed anew; 0: the last weights. Default 0.998
  --crop N, --cutout N   augmentation, in pixels;  --flip, --no-flip  mirror images or none
  --start-size N         edge of the images in the first epochs; it grows to their own within two
                         thirds of the epochs. 0: their own from the beginning
  --attack NAME          train on attacked images: noise and fgsm with as many clean ones, pgd alone.
                         Default none
  --attack-steps N       steps of pgd. Default 7
  --eps X                radius of the attack, such as 0.1 or 8/255
  --note TEXT            what people should know of the data; it goes into the checkpoint
  --seed N               the same seed gives the same bits. Default 1
  --device NAME          auto (default), webgpu, cpu or reference;  --threads N  for cpu
  --out FOLDER           default run
  --resume               go on with the run in the folder, with its settings
  --save-every N         steps between two states. Default 100
  --json                 the result as JSON
  -h, --help             this text`,
} as const;
