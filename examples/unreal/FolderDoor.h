// The folder door for Unreal Engine 5: an actor that draws the jobs of a folder. docs/engines.md says what a job is.
// Modules of the project's Build.cs: Core, CoreUObject, Engine, Json, ImageWrapper, RenderCore, RHI.
//
// Place it in a level that holds the head and a light, fill in the properties, package the game, and name it as `command` in
// engine.toml: ["./Head.sh", "-RenderOffScreen", "-unattended", "-jobs={folder}"]. Changes for your own head are needed at the
// places marked HEAD in the .cpp file.
#pragma once

#include "CoreMinimal.h"
#include "GameFramework/Actor.h"
#include "FolderDoor.generated.h"

class FJsonObject;
class UDirectionalLightComponent;
class UMaterialInterface;
class USceneCaptureComponent2D;
class USkeletalMeshComponent;
class UTextureRenderTarget2D;

UCLASS()
class AFolderDoor : public AActor
{
	GENERATED_BODY()

public:
	AFolderDoor();

	// The actor whose skeletal mesh is the head.
	UPROPERTY(EditAnywhere) AActor* Head = nullptr;
	// The light whose direction and colour View.light changes.
	UPROPERTY(EditAnywhere) AActor* Sun = nullptr;
	// For each material slot of the head an unlit material in its region's colour (f2p.regions.PALETTE), or with a texture in
	// these colours: no mip maps, nearest filter, no compression.
	UPROPERTY(EditAnywhere) TMap<FName, UMaterialInterface*> Labels;
	// The view: straight at the face, which fills half of the picture.
	UPROPERTY(VisibleAnywhere) USceneCaptureComponent2D* Lens;

	virtual void BeginPlay() override;
	virtual void Tick(float DeltaSeconds) override;

private:
	TSharedPtr<FJsonObject> Take(FString& Name) const;
	void Pose(const FJsonObject& Job);
	void Slide(const FName& Name, float Value);
	void Choose(const FString& Name, const FString& Option);
	void Shine(int32 Seed);
	void Show(bool bLabels);
	bool Draw(const FJsonObject& Job, const FString& Name, bool bLabels);

	FString Folder;
	TSharedPtr<FJsonObject> Current;
	FString CurrentName;
	int32 Wait = 0;
	FRotator Upright, Lamp;
	float Strength = 1.0f;
	FLinearColor Warmth;

	UPROPERTY() USkeletalMeshComponent* Mesh = nullptr;
	UPROPERTY() UDirectionalLightComponent* Light = nullptr;
	UPROPERTY() TArray<UMaterialInterface*> Lit;
};
